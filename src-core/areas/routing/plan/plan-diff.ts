import type { PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { staleInputs, staleInWords } from "./plan-stale.ts";
import { traceIndex, whyOf } from "./plan-why.ts";

export type DiffedJob = Pick<PlanJob, "job_id" | "target" | "symbol" | "training_type" | "stage" | "route">;

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface JobDifference extends DiffedJob {
  /** Empty for a job that is only in one plan. */
  readonly fields: readonly FieldChange[];
  /** What was decided differently: rules, thresholds and values of the traces, else the inputs that changed. */
  readonly why: readonly string[];
}

export interface PlanDiff {
  readonly isEqual: boolean;
  /** Inputs that differ, in words. */
  readonly inputs: readonly string[];
  readonly added: readonly JobDifference[];
  readonly removed: readonly JobDifference[];
  readonly changed: readonly JobDifference[];
}

/**
 * The members that are compared. Two jobs are the same by identity; `starts_after` follows from the jobs that exist; the
 * trace is the why.
 */
const compared = [
  "route",
  "model_families",
  "priority",
  "depends_on",
  "resources",
  "estimated_samples",
  "estimated_seconds",
  "estimate_basis",
  "feature_set_id",
  "is_experiment",
  "reason",
] as const satisfies readonly (keyof PlanJob)[];

/** What plan `after` does differently from `before`, and why. */
export function diffPlans(before: TrainingPlan, after: TrainingPlan): PlanDiff {
  const inputs = staleInputs(before.metadata, after.metadata).map(staleInWords);
  const [from, to] = [traceIndex(before.jobs), traceIndex(after.jobs)];
  const jobsBefore = new Map(before.jobs.map((job) => [job.job_id, job]));
  const jobsAfter = new Map(after.jobs.map((job) => [job.job_id, job]));
  const describe = (job: PlanJob, fields: readonly FieldChange[]) =>
    described(job, fields, whyOf(job, { from, to, inputs }));
  const added = after.jobs.filter(({ job_id }) => !jobsBefore.has(job_id)).map((job) => describe(job, []));
  const removed = before.jobs.filter(({ job_id }) => !jobsAfter.has(job_id)).map((job) => describe(job, []));
  const changed = before.jobs.flatMap((job) => {
    const now = jobsAfter.get(job.job_id);
    if (now === undefined) return [];
    const fields = changesOf(job, now);
    return fields.length === 0 ? [] : [describe(now, fields)];
  });
  const isEqual = before.metadata.plan_hash === after.metadata.plan_hash;
  return { isEqual, inputs, added, removed, changed };
}

function described(job: PlanJob, fields: readonly FieldChange[], why: readonly string[]): JobDifference {
  const { job_id, target, symbol, training_type, stage, route } = job;
  return { job_id, target, symbol, training_type, stage, route, fields, why };
}

function changesOf(before: PlanJob, after: PlanJob): readonly FieldChange[] {
  return compared
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}
