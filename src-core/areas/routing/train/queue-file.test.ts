import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder } from "../../../../test/support/split-project.ts";
import type { QueueRow } from "../../../contract/routing/routing-output.ts";
import { queueStateSchema } from "../../../contract/routing/routing-output.ts";
import { buildTrainingPlan } from "../plan/training-plan.ts";
import { decision, planInput } from "../testing/plan-samples.ts";
import { newRow } from "./queue-entries.ts";
import { readQueue, writeQueue } from "./queue-file.ts";

const { jobs } = buildTrainingPlan(planInput([decision("late", "STRONG", { AA: "STRONG" })]));
const row = (state: QueueRow["state"], why: string | null = null): QueueRow => {
  const [job] = jobs;
  if (job === undefined) throw new Error("The plan has no job.");
  return newRow(job, { state, why });
};
const every = queueStateSchema.options.map((state) => row(state, `it is ${state}`));

/** The file as it would be if its process had been killed. */
function ownerDied(folder: string): void {
  const file = path.join(folder, "queue.json");
  const queue = JSON.parse(readFileSync(file, "utf8")) as { process: { pid: number } };
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(file, JSON.stringify({ ...queue, process: { ...queue.process, pid } }));
}

describe("the state of a queue", () => {
  test("is read by any other process while its own is running", () => {
    const paths = { private: newFolder() };
    writeQueue(paths, { planHash: "p", isOver: false, jobs: every });
    expect(readQueue(paths)).toEqual({ planHash: "p", isWorking: true, jobs: every });
  });

  test("of a process that ended marks unfinished jobs as lost, and keeps finished ones", () => {
    const paths = { private: newFolder() };
    writeQueue(paths, { planHash: "p", isOver: false, jobs: every });
    ownerDied(paths.private);
    const read = readQueue(paths);
    expect(read.isWorking).toBe(false);
    const changed = read.jobs.filter((job, index) => job.state !== every[index]?.state);
    expect(changed.map(({ why }) => why)).toContain("its process ended; training the plan again resumes it");
    expect(changed.every(({ state }) => state === "lost")).toBe(true);
    expect(every.filter((job, index) => read.jobs[index]?.state !== job.state).map(({ state }) => state)).toEqual([
      "queued",
      "starting",
      "running",
    ]);
  });

  test("is over when the file says so, even if its process is running", () => {
    const paths = { private: newFolder() };
    writeQueue(paths, { planHash: "p", isOver: true, jobs: [row("succeeded")] });
    expect(readQueue(paths)).toEqual({ planHash: "p", isWorking: false, jobs: [row("succeeded")] });
  });

  test("is empty without a file, or with one that can't be read", () => {
    const paths = { private: newFolder() };
    const nothing = { planHash: null, isWorking: false, jobs: [] };
    expect(readQueue(paths)).toEqual(nothing);
    for (const text of ["", "{", '{"schema": 1}', '{"schema": 2, "jobs": []}']) {
      writeFileSync(path.join(paths.private, "queue.json"), text);
      expect(readQueue(paths)).toEqual(nothing);
    }
  });
});
