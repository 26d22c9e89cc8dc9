import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, cliJson } from "../support/cli.ts";
import { smallProject } from "../support/small-project.ts";

/** Several real runs on one project at the same time: what they share is changed by one of them while the others wait. */

interface Listed {
  readonly operations: readonly {
    readonly id: string;
    readonly state: string;
    readonly startedAt: number;
    readonly endedAt: number;
  }[];
}

let project: string;
beforeAll(async () => {
  project = await smallProject();
});
afterAll(async () => {
  await cli(["mlflow", "stop"], { cwd: project });
  rmSync(path.dirname(project), { recursive: true, force: true });
});

const start = async (...args: string[]): Promise<string> => {
  const { operation } = await cliJson<{ operation: string }>(["run", "--detach", ...args], { cwd: project });
  return operation;
};
const follow = async (id: string) => {
  const { code, stdout, stderr } = await cli(["operations", "follow", id, "--jsonl"], { cwd: project });
  return { code, text: stdout + stderr };
};

describe("runs on one project at the same time", () => {
  it("both end well, the split is made once, and the ledger is whole", { timeout: 300_000 }, async () => {
    const ids = [await start("--new", "--seed", "1"), await start("--new", "--seed", "2")];
    const ends = await Promise.all(ids.map(follow));
    for (const { code, text } of ends) expect(code, text).toBe(0);

    const { operations } = await cliJson<Listed>(["operations", "list"], { cwd: project });
    const [second, first] = operations;
    expect([first?.state, second?.state]).toEqual(["succeeded", "succeeded"]);
    // The second didn't wait for the first's end.
    expect(second?.startedAt).toBeLessThan(first?.endedAt ?? 0);

    const { runs } = await cliJson<{ runs: { status: string; number: number; verdict: string }[] }>(["runs", "list"], {
      cwd: project,
    });
    expect(runs.map((run) => [run.number, run.status])).toEqual([
      [2, "FINISHED"],
      [1, "FINISHED"],
    ]);
    const verified = await cliJson<{ entries: number }>(["ledger", "verify"], { cwd: project });
    expect(verified.entries).toBe(2);
    const decided = await cliJson<{ decisions: { productionBefore: string | null; productionAfter: string | null }[] }>(
      ["promotion", "list"],
      { cwd: project },
    );
    // The later decision was taken against what the earlier one left.
    const [later, earlier] = decided.decisions;
    expect(later?.productionBefore).toBe(earlier?.productionAfter);
    const status = await cliJson<{ isClean: boolean }>(["data", "status"], { cwd: project });
    expect(status.isClean).toBe(true);
  });

  it("of equal versions go one after the other, the second from what the first left", {
    timeout: 300_000,
  }, async () => {
    const ids = [await start("--new", "--seed", "5"), await start("--new", "--seed", "5")];
    const ends = await Promise.all(ids.map(follow));
    for (const { code, text } of ends) expect(code, text).toBe(0);
    expect(ends[1]?.text).toMatch(/waits for op\d+ \(run [0-9a-f]{12}\)/);
    const { runs } = await cliJson<{ runs: { status: string }[] }>(["runs", "list"], { cwd: project });
    expect(runs.map((run) => run.status)).toEqual(["FINISHED", "FINISHED", "FINISHED", "FINISHED"]);
    expect((await cliJson<{ entries: number }>(["ledger", "verify"], { cwd: project })).entries).toBe(4);
  });
});
