import type { PlanJob } from "../../../contract/routing/routing-plans.ts";

/** What identifies a job: families, scores and estimates change from plan to plan, its identity doesn't. */
export type JobIdentity = Pick<PlanJob, "target" | "symbol" | "training_type" | "stage">;

/** Loaded once, with the first id: a plan has hundreds of thousands, and importing the module each time takes a fifth of the time. */
let crypto: ReturnType<typeof process.getBuiltinModule<"node:crypto">> | undefined;

/**
 * The first 16 hexadecimal digits of the sha256 of the identity's canonical JSON, written here member by member in
 * canonical order: a general canonicaliser takes longer than the digest.
 */
export function jobId({ target, symbol, training_type, stage }: JobIdentity): string {
  crypto ??= process.getBuiltinModule("node:crypto");
  const text = `{"stage":${stage},"symbol":${JSON.stringify(symbol)},"target":${JSON.stringify(target)},"training_type":"${training_type}"}`;
  return crypto.hash("sha256", text, "hex").slice(0, 16);
}
