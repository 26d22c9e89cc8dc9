import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder } from "../../../../test/support/split-project.ts";
import type { QueueRow } from "../../../contract/routing/routing-output.ts";
import { queueStateSchema } from "../../../contract/routing/routing-output.ts";
import { tryLock } from "../../../foundation/locks/process-lock.ts";
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

const newPaths = () => {
  const folder = newFolder();
  return { private: folder, supervisorLock: path.join(folder, "supervisor.lock") };
};

describe("the state of a queue", () => {
  test("is read by any other process while its own is running", () => {
    const paths = newPaths();
    writeQueue(paths, { planHash: "p", isOver: false, jobs: every });
    const supervisor = tryLock(paths.supervisorLock);
    expect(readQueue(paths)).toEqual({ planHash: "p", isWorking: true, jobs: every });
    supervisor?.release();
  });

  test("of a process that ended marks unfinished jobs as lost, and keeps finished ones", () => {
    const paths = newPaths();
    writeQueue(paths, { planHash: "p", isOver: false, jobs: every });
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
    const paths = newPaths();
    writeQueue(paths, { planHash: "p", isOver: true, jobs: [row("succeeded")] });
    const supervisor = tryLock(paths.supervisorLock);
    expect(readQueue(paths)).toEqual({ planHash: "p", isWorking: false, jobs: [row("succeeded")] });
    supervisor?.release();
  });

  test("is empty without a file, or with one that can't be read", () => {
    const paths = newPaths();
    const nothing = { planHash: null, isWorking: false, jobs: [] };
    expect(readQueue(paths)).toEqual(nothing);
    for (const text of ["", "{", '{"schema": 1}', '{"schema": 2, "jobs": []}']) {
      writeFileSync(path.join(paths.private, "queue.json"), text);
      expect(readQueue(paths)).toEqual(nothing);
    }
  });
});
