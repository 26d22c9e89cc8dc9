import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { holdLock } from "../../../test/support/hold-lock.ts";
import { sampleSupervisor, supervisorOf } from "../../../test/support/supervised-core.ts";
import type { Progress } from "../../contract/operation.ts";
import { signalProcess } from "../../foundation/exec/leftovers.ts";
import { lineTo } from "../../wiring/supervisor/credentials.ts";
import { getOperation, listOperations } from "./operation-store.ts";
import { cancelOperation, followOperation, requestOperation } from "./operations.ts";
import { operationsOps } from "./ops.ts";
import { progressFile } from "./progress-log.ts";
import { supervisorLock } from "./start-supervisor.ts";

/** One project, one supervisor, several callers: each operation is done with its own caller's hands. */

const supervisor = sampleSupervisor;
const never = new AbortController().signal;
const adas = { MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "pa55-of-ada" };
const eves = { MLFLOW_TRACKING_USERNAME: "eve", MLFLOW_TRACKING_PASSWORD: "pa55-of-eve" };

let folder: string;
const closing: (() => void)[] = [];

/** A caller in an environment of their own, without what the one who runs the tests has set. */
function caller(env: Readonly<Record<string, string>>) {
  const { PATH, HOME, TMPDIR, XDG_RUNTIME_DIR } = process.env;
  const core = bareCore(folder, { PATH, HOME, TMPDIR, XDG_RUNTIME_DIR, SAMPLE_IDLE_MS: "60000", ...env });
  closing.push(() => core.catalogue().close());
  const openLine = lineTo(core);
  const progress: Progress[] = [];
  const onProgress = (it: Progress) => void progress.push(it);
  return {
    core,
    progress,
    request: (operation: string, input: unknown = {}) =>
      requestOperation(core, { operation, input, openLine, supervisor }),
    follow: (id: string, signal = never) => followOperation(core, id, { signal, supervisor, openLine, onProgress }),
    cancel: (id: string) => cancelOperation(core, id, { supervisor }),
    rows: () => listOperations(core.catalogue(), { limit: 20, active: false }),
    shown: async (id: string) => {
      const context = { signal: never, report: () => undefined };
      const list = await operationsOps(core, openLine)["operations.list"]({ limit: 20, active: false }, context);
      return list.operations.find((it) => it.id === id);
    },
    row: (id: string) => getOperation(core.catalogue(), id),
  };
}
type Caller = ReturnType<typeof caller>;

let ada: Caller;
let eve: Caller;
let nobody: Caller;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sb-hands-"));
  ada = caller({ ...adas, SIGNALBOX_ACTOR: "ada" });
  eve = caller({ ...eves, SIGNALBOX_ACTOR: "eve" });
  nobody = caller({});
});
afterEach(async () => {
  kill();
  for (const close of closing.splice(0)) close();
  await pause(50);
  rmSync(folder, { recursive: true, force: true });
});

function kill(): void {
  const holder = supervisorOf(nobody.core);
  if (holder !== undefined) signalProcess(holder, "SIGKILL");
}
const until = (isSo: () => boolean) => expect.poll(isSo, { timeout: 8000, interval: 10 }).toBe(true);
const isWaiting = (id: string) => () => nobody.row(id).needsCredentials && nobody.row(id).state === "queued";

/** Files of the project that contain a text, the catalogue's among them. */
function filesWith(text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && readFileSync(path.join(it.parentPath, it.name)).includes(text))
    .map((it) => it.name);
}

/** An operation of another user, who may write here. */
function requestedByAnother(): string {
  spawnSync("chmod", ["-R", "a+rwX", folder]);
  const here = (name: string) => JSON.stringify(path.resolve(import.meta.dirname, name));
  // It loads its code, the native one too, before it gives up its rights: the checkout may be closed to that user.
  const source = `import { bareCore } from ${here("../../../test/support/bare-core.ts")};
    import { requestOperation } from ${here("operations.ts")};
    bareCore(${JSON.stringify(folder)}, {}).catalogue().close();
    process.setgid(54321); process.setuid(54321);
    const core = bareCore(${JSON.stringify(folder)}, {});
    console.log(await requestOperation(core, { operation: "test.hands", input: {} }));`;
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  expect(child.stderr).toBe("");
  return child.stdout.trim();
}

describe("an operation in a supervisor that another caller started", () => {
  it("has its own caller's name, settings and credentials, and none of the others'", async () => {
    const first = await ada.request("test.hands");
    const others = [await eve.request("test.hands"), await nobody.request("test.hands")];
    const holder = supervisorOf(ada.core)?.pid;
    expect(await ada.follow(first)).toMatchObject({ ...adas, SIGNALBOX_ACTOR: "ada" });
    expect(await eve.follow(others[0] ?? "")).toMatchObject({ ...eves, SIGNALBOX_ACTOR: "eve" });
    const user = `${os.userInfo().username}@${os.hostname()}`;
    const without = await nobody.follow(others[1] ?? "");
    expect(without).toMatchObject({ SIGNALBOX_ACTOR: user });
    expect(Object.keys(Object(without)).filter((name) => name.startsWith("MLFLOW_"))).toEqual([]);
    expect(ada.rows().map(({ actor }) => actor)).toEqual([user, "eve", "ada"]);
    expect(supervisorOf(ada.core)?.pid).toBe(holder);
    if (process.platform === "linux") {
      const environment = readFileSync(`/proc/${holder}/environ`, "utf8");
      expect(environment).toContain("SAMPLE_IDLE_MS=60000");
      expect(environment).not.toMatch(/pa55|SIGNALBOX_ACTOR|MLFLOW_/);
    }
  });

  it.runIf(process.getuid?.() === 0)(
    "is another user's by that user's name, whoever's supervisor runs it",
    async () => {
      await nobody.follow(await nobody.request("test.count", { steps: 1 }));
      const id = requestedByAnother();
      const user = `uid-54321@${os.hostname()}`;
      expect(await nobody.follow(id)).toMatchObject({ SIGNALBOX_ACTOR: user, HOME: process.env.HOME });
      expect(nobody.rows()[0]).toMatchObject({ actor: user });
    },
  );

  it.runIf(process.getuid?.() === 0)("waits in its own project while root's supervisor holds it", async () => {
    await nobody.follow(await nobody.request("test.count", { steps: 1 }));
    spawnSync("chown", ["54321", folder]);
    const id = requestedByAnother();
    await until(() => existsSync(progressFile(folder, id)));
    expect(readFileSync(progressFile(folder, id), "utf8")).toContain("which root started (sudo)");
    expect(nobody.row(id)).toMatchObject({ state: "queued", startedAt: null });
    // Root's own go on meanwhile.
    expect(await nobody.follow(await nobody.request("test.count", { steps: 1 }))).toEqual({ counted: 1 });
    expect(nobody.row(id).state).toBe("queued");
  });

  it("gets its credentials before a detached call returns, and they are written nowhere", async () => {
    const id = await ada.request("test.count", { steps: 30 });
    expect(ada.row(id).needsCredentials).toBe(false);
    await until(() => ada.row(id).state === "succeeded");
    expect(filesWith("pa55-of-ada")).toEqual([]);
    expect(filesWith("test.count")).not.toEqual([]);
  });
});

describe("an operation whose supervisor was killed at work", () => {
  const killed = async () => {
    const id = await ada.request("test.count", { steps: 100, stepMs: 20 });
    await until(() => ada.row(id).state === "running");
    kill();
    return id;
  };

  it("is shown as needing credentials at once, and waits for them in the next supervisor", async () => {
    const id = await killed();
    await until(() => supervisorOf(nobody.core) === undefined);
    expect(await nobody.shown(id)).toMatchObject({ state: "running", needsCredentials: true, actor: "ada" });
    expect(await nobody.core.operations.active()).toMatchObject([{ id, needsCredentials: true }]);
    // Another one's operation starts the next supervisor, and passes the one that waits.
    const other = await nobody.request("test.count", { steps: 1 });
    expect(await nobody.follow(other)).toEqual({ counted: 1 });
    expect(isWaiting(id)()).toBe(true);
    expect(await nobody.shown(id)).toMatchObject({ state: "queued", needsCredentials: true });
  });

  it("continues with a follower who has the same, and says meanwhile what it needs", async () => {
    const id = await killed();
    await nobody.follow(await nobody.request("test.count", { steps: 1 }));
    await until(isWaiting(id));
    const again = caller({ ...adas, SIGNALBOX_ACTOR: "someone-else" });
    expect(await again.follow(id)).toEqual({ counted: 100 });
    expect(again.progress.map(({ message }) => message)).toContainEqual(expect.stringContaining("needs credentials"));
    // Who requested it stays who requested it.
    expect(again.row(id)).toMatchObject({ actor: "ada", needsCredentials: false });
  });

  it("continues by itself where its caller still follows", async () => {
    const id = await ada.request("test.count", { steps: 40, stepMs: 20 });
    const following = ada.follow(id);
    const watching = nobody.follow(id);
    await until(() => ada.row(id).state === "running");
    kill();
    expect(await following).toEqual({ counted: 40 });
    expect(await watching).toEqual({ counted: 40 });
  });

  it("doesn't continue with the credentials of another, who is told so, and can be cancelled while it waits", async () => {
    const id = await killed();
    await nobody.follow(await nobody.request("test.count", { steps: 1 }));
    await until(isWaiting(id));
    const refusal = async (it: Caller) => await it.follow(id).catch((error: unknown) => error);
    const [ofEve, ofNobody] = await Promise.all([refusal(eve), refusal(nobody)]);
    for (const [error, reason] of [
      [ofEve, "Those set here (MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_USERNAME) are not those"],
      [ofNobody, "None are set here."],
    ] as const)
      expect(error).toMatchObject({
        code: "operations/needs-credentials",
        message: expect.stringContaining(reason),
        next: [{ operation: "operations.follow" }, { operation: "operations.cancel" }],
      });
    // Whatever a face says: the supervisor compares them itself.
    const line = await lineTo(eve.core)();
    await expect(line.give(id, eves)).rejects.toMatchObject({ code: "operations/other-credentials" });
    line.close();
    expect(isWaiting(id)()).toBe(true);
    expect(await nobody.cancel(id)).toMatchObject({ state: "cancelled", needsCredentials: false });
    expect(ada.row(id).startedAt).not.toBeNull();
  });

  it("keeps no supervisor from leaving", async () => {
    const id = await killed();
    const quick = caller({ SAMPLE_IDLE_MS: "100" });
    await quick.follow(await quick.request("test.count", { steps: 1 }));
    await until(isWaiting(id));
    await until(() => supervisorOf(nobody.core) === undefined);
    expect(await ada.follow(id)).toEqual({ counted: 100 });
  });
});

it("a caller with credentials is refused where the supervisor is out of reach, and nothing is queued; one without is queued", async () => {
  closing.push(await holdLock(nobody.core, supervisorLock(folder)));
  await expect(ada.request("test.count")).rejects.toMatchObject({
    code: "operations/supervisor-unreachable",
    message: expect.stringContaining("nothing was queued"),
    details: { variables: ["MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_USERNAME"] },
  });
  expect(ada.rows()).toEqual([]);
  const id = await nobody.request("test.count");
  expect(nobody.row(id)).toMatchObject({ state: "queued", needsCredentials: false });
});
