import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { holdLock } from "../../../test/support/hold-lock.ts";
import { supervisedCore, supervisorOf } from "../../../test/support/supervised-core.ts";
import { requestOperation } from "../../areas/operations/operations.ts";
import { isSupervised, supervisorLock } from "../../areas/operations/start-supervisor.ts";
import { AppError } from "../../contract/errors.ts";
import { type Client, createClient } from "../../rpc/client.ts";
import { mostFrameBytes } from "../../rpc/limits.ts";
import { lineTo } from "./credentials.ts";
import { relayQuestions } from "./questions.ts";
import { connectToSupervisor } from "./socket.ts";

let runtime: string;
let supervised: ReturnType<typeof supervisedCore>;
const closing: (() => void)[] = [];

beforeEach(() => {
  runtime = mkdtempSync(path.join(os.tmpdir(), "sb-run-"));
  supervised = supervisedCore({ XDG_RUNTIME_DIR: runtime });
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await supervised.close();
  rmSync(runtime, { recursive: true, force: true });
});

const until = (isSo: () => boolean) => expect.poll(isSo, { timeout: 8000, interval: 10 }).toBe(true);
const connect = (): Client => {
  const client = createClient(() => connectToSupervisor(supervised.core), { project: supervised.core.projectDir });
  closing.push(() => client.close());
  return client;
};
const refusal = async (): Promise<AppError> => {
  const error = await connectToSupervisor(supervised.core).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error("reached");
  return error;
};
const listening = async () => {
  const id = await supervised.request("test.count", { steps: 200, stepMs: 20 });
  await until(() => existsSync(path.join(supervised.core.projectDir, ".signalbox/supervisor.json")));
  return id;
};
const socketFile = (): string =>
  JSON.parse(readFileSync(path.join(supervised.core.projectDir, ".signalbox/supervisor.json"), "utf8")).socket;

describe("the supervisor's socket", () => {
  it("lies in a folder that only its owner can enter", async () => {
    await listening();
    expect(path.dirname(socketFile())).toBe(path.join(runtime, "signalbox"));
    expect(statSync(path.dirname(socketFile())).mode & 0o777).toBe(0o700);
    expect(statSync(socketFile()).mode & 0o777).toBe(0o600);
  });

  it("carries a stream of bytes both ways", async () => {
    await listening();
    const received: Uint8Array[] = [];
    const stop = new AbortController();
    const channel = connect().open(
      "test.echo",
      {},
      {
        signal: stop.signal,
        onBytes: (bytes) => received.push(bytes),
        onOpen: ({ send }) => {
          for (const text of ["ls\r", "\u001b[A"]) send(Buffer.from(text));
          send(new Uint8Array(mostFrameBytes).fill(9));
        },
      },
    );
    await until(() => received.length === 3);
    expect(received.slice(0, 2).map((bytes) => Buffer.from(bytes).toString())).toEqual(["ls\r", "\u001b[A"]);
    expect(received[2]?.length).toBe(mostFrameBytes);
    stop.abort();
    await channel;
  });

  it("lets a follower answer what an operation asks; the answer is written nowhere", async () => {
    const asked: string[] = [];
    const id = await supervised.request("test.ask");
    await pause(300);
    closing.push(
      relayQuestions(supervised.core, id, async ({ name }) => {
        asked.push(name);
        return "hunter2-is-no-secret";
      }),
    );
    // The output is the sample operation's own: it says what it heard.
    expect((await supervised.follow(id)).output).toEqual({ heard: "hunter2-is-no-secret" });
    expect(asked).toEqual(["TOKEN"]);
    const progress = path.join(supervised.core.projectDir, ".signalbox/operations", id, "progress.jsonl");
    expect(readFileSync(progress, "utf8")).toContain("waiting for an answer: Token of the remote?");
    expect(readFileSync(progress, "utf8")).not.toContain("hunter2");
  });

  it("takes the question to the next face where the first one left, and declines where everyone does", async () => {
    const id = await supervised.request("test.ask");
    const first = Promise.withResolvers<void>();
    const leave = relayQuestions(supervised.core, id, () => {
      first.resolve();
      return new Promise(() => undefined);
    });
    await first.promise;
    leave();
    closing.push(relayQuestions(supervised.core, id, async () => null));
    expect((await supervised.follow(id)).output).toEqual({ heard: null });
  });

  it("is taken over by the next supervisor from one that was killed", async () => {
    const id = await listening();
    const before = socketFile();
    const holder = supervisorOf(supervised.core);
    process.kill(holder?.pid ?? 0, "SIGKILL");
    void supervised.follow(id).catch(() => undefined);
    await until(() => supervisorOf(supervised.core)?.pid !== holder?.pid && isSupervised(supervised.core));
    expect(socketFile()).toBe(before);
    await expect
      .poll(async () =>
        connectToSupervisor(supervised.core).then(
          (it) => it.close() ?? true,
          () => false,
        ),
      )
      .toBe(true);
  });
});

describe("a supervisor that can't be reached", () => {
  const foreignHolder = async () => {
    const release = await holdLock(supervised.core, supervisorLock(supervised.core.projectDir));
    closing.push(release);
    return release;
  };

  it("gets what is queued all the same: whoever asks waits, and starts no second one", async () => {
    const release = await foreignHolder();
    const { core } = supervised;
    expect(isSupervised(core)).toBe(true);
    const started = path.join(runtime, "started");
    const program = ["/bin/sh", "-c", `echo x >> '${started}'; exec sleep 5`] as const;
    const request = { operation: "test.count", input: { steps: 2 }, openLine: lineTo(core), supervisor: program };
    const id = await requestOperation(core, request);
    const following = supervised.follow(id);
    await pause(800);
    expect({ state: supervised.stateOf(id), isStarted: existsSync(started) }).toEqual({
      state: "queued",
      isStarted: false,
    });
    expect(existsSync(path.join(core.projectDir, "executed.txt"))).toBe(false);
    // Once it is gone, the next one takes what waits.
    release();
    expect((await following).output).toEqual({ counted: 2 });
  });

  it("refuses what is never stored, and says why", async () => {
    expect((await refusal()).message).toContain("No supervisor works on");
    await foreignHolder();
    const error = await refusal();
    expect(error).toMatchObject({ code: "operations/supervisor-unreachable" });
    expect(error.message).toContain("is running, but can't be reached");
    expect(error.hint).toContain("another user or container");
  });

  it("is refused where its socket was removed, and where its folder lets others in", async () => {
    await listening();
    const file = socketFile();
    chmodSync(path.dirname(file), 0o755);
    expect((await refusal()).message).toContain("lets others in");
    chmodSync(path.dirname(file), 0o700);
    rmSync(file);
    expect(await refusal()).toMatchObject({
      code: "operations/supervisor-unreachable",
      message: expect.stringContaining("its socket was deleted"),
    });
  });

  it.runIf(process.getuid?.() === 0)("is refused to another user, who can't enter the folder", async () => {
    await listening();
    const { projectDir } = supervised.core;
    for (const folder of [projectDir, path.join(projectDir, ".signalbox")]) chmodSync(folder, 0o755);
    chmodSync(runtime, 0o755);
    const script = path.join(runtime, "ask.mjs");
    // Node of its own: the checkout may be closed to that user.
    writeFileSync(
      script,
      `import { connect } from "node:net"; process.setgid(65534); process.setuid(65534);
       connect(${JSON.stringify(socketFile())}).on("connect", () => console.log("reached")).on("error", (e) => { console.log(e.code); });`,
    );
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const said = await new Promise<string>((resolve) => child.stdout.once("data", (bytes) => resolve(String(bytes))));
    expect(said.trim()).toBe("EACCES");
  });
});
