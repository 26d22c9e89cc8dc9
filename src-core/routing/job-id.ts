import type { PlanJob } from "../contract/routing-plans.ts";
import { sha256 } from "../files/digest.ts";

/** What makes a job this job: families, scores and estimates change from plan to plan, its identity doesn't. */
export type JobIdentity = Pick<PlanJob, "target" | "symbol" | "training_type" | "stage">;

/**
 * The first 16 hexadecimal digits of the sha256 of the identity's canonical JSON. The text is written here member by
 * member, in their canonical order: a general canonicaliser costs ten times as much, and a plan has many jobs.
 */
export function jobId({ target, symbol, training_type, stage }: JobIdentity): string {
  const quoted = JSON.stringify;
  return sha256(
    `{"stage":${stage},"symbol":${quoted(symbol)},"target":${quoted(target)},"training_type":${quoted(training_type)}}`,
  ).slice(0, 16);
}
