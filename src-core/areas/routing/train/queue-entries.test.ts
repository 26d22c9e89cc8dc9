import { describe, expect, test } from "vitest";
import { madeProject } from "../../../../test/support/made-project.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import type { FinishedJob } from "../../../foundation/context.ts";
import type { Capacity } from "../../../foundation/exec/place.ts";
import { buildTrainingPlan } from "../plan/training-plan.ts";
import { decision, net, planInput, ridge } from "../testing/plan-samples.ts";
import { jobName, newRow, queuedJobs, rowsOf, unselectedState } from "./queue-entries.ts";
import { limitsOf } from "./queue-limits.ts";

const { jobs } = buildTrainingPlan(planInput([decision("late", "STRONG", { AA: "STRONG" })], [ridge, net]));

const capacity: Capacity = { cores: 3, memoryBytes: 2 ** 34, freeMemoryBytes: 10 * 2 ** 30 };

function coreWith(local?: { readonly threads?: number; readonly memory_gib?: number }) {
  const project = madeProject("/nowhere", local === undefined ? {} : { executors: { local } });
  return { project: () => project, capacity };
}

const needing = (memory_gib: number): PlanJob[] =>
  jobs.map((job) => ({ ...job, resources: { ...job.resources, memory_gib } }));

describe("the limits of a queue", () => {
  test("are as many jobs as requested, whatever their memory", () => {
    expect(limitsOf(coreWith({ threads: 2, memory_gib: 1 }), needing(4), 7)).toEqual({ jobs: 7, memoryGib: 1 });
  });

  test("are otherwise the cores, or fewer if the largest job's memory requires it", () => {
    expect(limitsOf(coreWith({ threads: 4, memory_gib: 64 }), needing(2), undefined).jobs).toBe(4);
    expect(limitsOf(coreWith({ threads: 4, memory_gib: 5 }), needing(2), undefined).jobs).toBe(2);
    expect(limitsOf(coreWith({ threads: 4, memory_gib: 5 }), needing(50), undefined).jobs).toBe(1);
  });

  test("count no job below what Python and its libraries need", () => {
    expect(limitsOf(coreWith({ threads: 9, memory_gib: 3 }), needing(0.01), undefined).jobs).toBe(4);
  });

  test("are the place's own if the project names none: its cores, and four fifths of what is free", () => {
    expect(limitsOf(coreWith(), needing(0.1), undefined)).toEqual({ jobs: 3, memoryGib: 8 });
    expect(limitsOf(coreWith(), needing(5), undefined).jobs).toBe(1);
  });
});

describe("a job in the queue", () => {
  test("is named by target, view and what is special about it", () => {
    expect(jobs.map(jobName).toSorted()).toEqual([
      "late/AA",
      "late/AA (ensemble)",
      "late/AA (stage 2)",
      "late/CS",
      "late/CS (stage 2)",
    ]);
  });

  test("that isn't selected was skipped, or counts as trained if a run trained it before", () => {
    const finished = { runId: "r" } as FinishedJob;
    expect(unselectedState(undefined, { target: "late" })).toEqual({
      state: "skipped",
      why: "not selected (only target=late)",
    });
    expect(unselectedState(finished, { stage: 2 })).toEqual({ state: "succeeded", why: "not selected (only stage 2)" });
  });

  test("carries what the plan says of it", () => {
    const entries = new Map(
      jobs.map((job) => [job.job_id, { job, row: newRow(job, { state: "queued", why: null }), finished: undefined }]),
    );
    const queued = queuedJobs(entries);
    expect([...queued.keys()]).toEqual(jobs.map((job) => job.job_id));
    for (const job of jobs)
      expect(queued.get(job.job_id)).toMatchObject({
        ...{ id: job.job_id, name: jobName(job), priority: job.priority, state: "queued" },
        ...{ dependsOn: job.depends_on, startsAfter: job.starts_after },
      });
    expect(rowsOf(entries)).toHaveLength(jobs.length);
    expect(rowsOf(entries)[0]).toMatchObject({ executor: "local", runId: null, isReused: false, seconds: null });
  });
});
