import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleSupervisor, supervisedCore } from "../../../test/support/supervised-core.ts";
import { getOperation } from "./operation-store.ts";
import { cancelOperation } from "./operations.ts";
import { progressFile } from "./progress-log.ts";

let it: ReturnType<typeof supervisedCore>;
beforeEach(() => {
  it = supervisedCore({ SAMPLE_CONCURRENCY: "3" });
});
afterEach(() => it.close());

const long = (...locks: string[]) => ({ steps: 40, stepMs: 10, locks });
const until = (isSo: () => boolean) => expect.poll(isSo, { timeout: 8000, interval: 10 }).toBe(true);
const times = (id: string) => {
  const { startedAt, endedAt } = getOperation(it.core.catalogue(), id);
  return { startedAt: startedAt ?? 0, endedAt: endedAt ?? 0 };
};
const messages = (id: string): readonly string[] => {
  const file = progressFile(it.core.projectDir, id);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.flatMap((line) => (JSON.parse(line) as { readonly message?: string }).message ?? []);
};

describe("several operations", () => {
  test("run at once where their locks differ", async () => {
    const ids = [await it.request("test.count", long("a")), await it.request("test.count", long("b"))];
    await Promise.all(ids.map((id) => it.follow(id)));
    const [first, second] = ids.map(times);
    expect(second?.startedAt).toBeLessThan(first?.endedAt ?? 0);
    expect(messages(ids[1] ?? "")).toEqual([]);
  });

  test("run in the order of asking where a lock is the same, and say what they wait for", async () => {
    const ids: string[] = [];
    for (const locks of [["a"], ["a", "b"], ["b"]]) ids.push(await it.request("test.count", long(...locks)));
    await Promise.all(ids.map((id) => it.follow(id)));
    const [first, second, third] = ids.map(times);
    expect(second?.startedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Number.POSITIVE_INFINITY);
    // The third doesn't pass the second, which came before it for the same lock.
    expect(third?.startedAt).toBeGreaterThanOrEqual(second?.endedAt ?? Number.POSITIVE_INFINITY);
    expect(messages(ids[1] ?? "")).toEqual(["waits for op1 (a)"]);
    expect(messages(ids[2] ?? "")[0]).toBe("waits for op2 (b)");
  });

  test("are passed by one that has no lock in common with those that wait", async () => {
    const ids: string[] = [];
    for (const lock of ["a", "a", "c"]) ids.push(await it.request("test.count", long(lock)));
    await it.follow(ids[2] ?? "");
    expect(it.stateOf(ids[1] ?? "")).not.toBe("succeeded");
    await Promise.all(ids.map((id) => it.follow(id)));
  });

  test("are no more at once than the supervisor takes", async () => {
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.push(await it.request("test.count", long(`lock ${at}`)));
    await until(() => ids.filter((id) => it.stateOf(id) === "running").length === 3);
    expect(ids.filter((id) => it.stateOf(id) === "queued")).toHaveLength(2);
    await Promise.all(ids.map((id) => it.follow(id)));
  });

  test("can be cancelled while one waits for a lock: it never runs, and the next gets its turn", async () => {
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) ids.push(await it.request("test.count", long("a")));
    const [first = "", waiting = "", last = ""] = ids;
    await until(() => messages(waiting).length > 0);
    const cancelled = await cancelOperation(it.core, waiting, { supervisor: sampleSupervisor });
    expect(cancelled).toMatchObject({ state: "cancelled", startedAt: null });
    expect((await it.follow(last)).output).toEqual({ counted: 40 });
    expect(it.stateOf(first)).toBe("succeeded");
  });
});
