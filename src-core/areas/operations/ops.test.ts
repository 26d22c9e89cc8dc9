import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { someCaller } from "../../../test/support/caller.ts";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import type { Progress } from "../../contract/operation.ts";
import { insertOperation, setOperationRun, settleOperation, takeQueued } from "./operation-store.ts";
import { progressFile } from "./progress-log.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, second));
const failure = { code: "splits/empty-side", message: "Train is empty.", hint: "Other salt." } as const;

let app: ProjectApp;
const put = (operation: string, second: number) =>
  insertOperation(app.core.catalogue(), {
    operation,
    input: { new: true },
    caller: someCaller,
    now: at(second),
    above: 0,
  });

/** One that succeeded, one that failed, one that waits: nobody works on them, and nothing here starts a supervisor. */
beforeEach(() => {
  app = projectApp(plainProject(), { clock: { now: () => at(59) } });
  const catalogue = app.core.catalogue();
  const done = put("runs.start", 1);
  takeQueued(catalogue, at(2));
  setOperationRun(catalogue, done, "aaaa1111");
  settleOperation(catalogue, done, { state: "succeeded", now: at(3), output: { answer: 42 } });
  const failed = put("routing.assess", 4);
  takeQueued(catalogue, at(5));
  settleOperation(catalogue, failed, { state: "failed", now: at(6), error: failure });
  put("runs.stage", 7);
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

const succeeded = {
  ...{
    id: "op1",
    operation: "runs.start",
    state: "succeeded",
    runId: "aaaa1111",
    isCancelRequested: false,
    error: null,
    actor: someCaller.actor,
    needsCredentials: false,
  },
  ...{ requestedAt: at(1).getTime(), startedAt: at(2).getTime(), endedAt: at(3).getTime() },
};

describe("the long operations of a project", () => {
  it("are listed newest first, without their inputs and outputs", async () => {
    const { operations } = await app.call("operations.list", {});
    expect(operations.map(({ id, state, error }) => [id, state, error?.code])).toEqual([
      ["op3", "queued", undefined],
      ["op2", "failed", "splits/empty-side"],
      ["op1", "succeeded", undefined],
    ]);
    expect(operations[2]).toEqual(succeeded);
    expect(operations[0]).toMatchObject({ requestedAt: at(7).getTime(), startedAt: null, endedAt: null, runId: null });
  });

  it("say whose they are, and which wait for credentials", async () => {
    const request = {
      operation: "data.push",
      input: {},
      caller: { ...someCaller, actor: "eve" },
      now: at(8),
      above: 0,
    };
    insertOperation(app.core.catalogue(), { ...request, credentials: { salt: "00", digest: "00" } });
    const { operations } = await app.call("operations.list", { active: true });
    expect(operations.map(({ id, actor, needsCredentials }) => [id, actor, needsCredentials])).toEqual([
      ["op4", "eve", true],
      ["op3", someCaller.actor, false],
    ]);
  });

  it("may be only the last ones, or those that wait or run", async () => {
    const of = async (input: { limit?: number; active?: boolean }) =>
      (await app.call("operations.list", input)).operations.map((it) => it.id);
    expect(await of({ limit: 2 })).toEqual(["op3", "op2"]);
    expect(await of({ active: true })).toEqual(["op3"]);
    takeQueued(app.core.catalogue(), at(8));
    expect(await of({ active: true })).toEqual(["op3"]);
    await expect(app.call("operations.list", { limit: 0 })).rejects.toMatchObject({ code: "rpc/invalid-input" });
  });
});

describe("following an operation that has ended", () => {
  it("gives its row, its output and its progress from the beginning, whichever way it is named", async () => {
    const file = progressFile(app.core.projectDir, "op1");
    const lines: readonly Progress[] = [
      { stage: "split", state: "started" },
      { stage: "split", done: 3, total: 4 },
    ];
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    for (const id of ["op1", "1", "OP1"]) {
      const said: Progress[] = [];
      const followed = await app.call("operations.follow", { id }, { report: (progress) => void said.push(progress) });
      expect(followed).toEqual({ ...succeeded, output: { answer: 42 } });
      expect(said).toEqual(lines);
      expect(await app.exitCode("operations.follow", followed)).toBe(0);
    }
  });

  it("ends with the operation's own exit code where it failed, and with 130 where it was cancelled", async () => {
    const failed = await app.call("operations.follow", { id: "op2" });
    expect(failed).toMatchObject({ state: "failed", error: failure, output: null });
    expect(await app.exitCode("operations.follow", failed)).toBe(4);
    await app.call("operations.cancel", { id: "op3" });
    const cancelled = await app.call("operations.follow", { id: "op3" });
    expect(await app.exitCode("operations.follow", cancelled)).toBe(130);
  });
});

describe("cancelling an operation", () => {
  it("drops one that waits, at once", async () => {
    expect(await app.call("operations.cancel", { id: "3" })).toMatchObject({
      ...{ id: "op3", state: "cancelled", isCancelRequested: true, startedAt: null, endedAt: at(59).getTime() },
    });
    expect((await app.call("operations.list", { active: true })).operations).toEqual([]);
  });

  it("leaves one that has ended as it ended", async () => {
    expect(await app.call("operations.cancel", { id: "op1" })).toEqual(succeeded);
    expect((await app.call("operations.list", {})).operations[2]).toEqual(succeeded);
  });
});

it("an operation that isn't there is named", async () => {
  const missing = { code: "operations/not-found", message: "There is no operation op9." };
  await expect(app.call("operations.follow", { id: "op9" })).rejects.toMatchObject(missing);
  await expect(app.call("operations.cancel", { id: "op9" })).rejects.toMatchObject(missing);
  await expect(app.call("operations.follow", { id: "" })).rejects.toMatchObject({ code: "rpc/invalid-input" });
});

it("looking at operations changes neither a file nor a row", async () => {
  const before = contentsOf(app);
  await app.call("operations.list", {});
  await app.call("operations.follow", { id: "op1" });
  expect(contentsOf(app)).toEqual(before);
});
