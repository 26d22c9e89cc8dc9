import { z } from "zod";
import { routingTaskSchema } from "../configs/targets.ts";
import { routeSchema, trainingTypeSchema } from "./routes.ts";

/** What makes a run the execution of one job of a training plan; kept in its `run.json`, part of its fingerprint. */

const memberSchema = z.object({
  role: z.enum(["stage_1", "cross_sectional", "symbol_specific"]),
  runId: z.string(),
  modelType: z.string(),
  modelDigest: z.string(),
  /** Project-relative folder of the model. */
  modelDir: z.string(),
});
export type PlanMember = z.output<typeof memberSchema>;

export const planRunSchema = z.object({
  jobId: z.string(),
  planHash: z.string(),
  /** Of dataset and split: a run on other data is another run. */
  dataHash: z.string(),
  target: z.object({
    name: z.string(),
    /** Of the view's files: the target's column, or the target's name where it is computed. */
    column: z.string(),
    sql: z.string().nullable(),
    task: routingTaskSchema,
    positiveClass: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  }),
  segment: z.object({ column: z.string(), value: z.string() }).nullable(),
  route: routeSchema,
  trainingType: trainingTypeSchema,
  stage: z.union([z.literal(1), z.literal(2)]),
  isExperiment: z.boolean(),
  /** Relaxed rules that the plan was made under; they are stamped on the run. */
  marks: z.array(z.string()).default([]),
  /** The winner out of fold; null for an ensemble, which fits weights alone. */
  family: z
    .object({ name: z.string(), type: z.string(), params: z.record(z.string(), z.unknown()), seed: z.number() })
    .nullable(),
  /** Every family that was asked for, with its out-of-fold score. */
  competition: z.array(z.object({ family: z.string(), score: z.number().nullable(), note: z.string().nullable() })),
  features: z.array(z.string()),
  featureSetId: z.string(),
  /** The gate's file. */
  promotion: z.string(),
  experiment: z.string(),
  registeredModel: z.string(),
  /** Models that this one contains. */
  members: z.array(memberSchema),
  /** Held-out predictions that it is fitted on, project-relative. */
  heldOut: z.object({ path: z.string(), sha256: z.string() }).nullable(),
});
export type PlanRun = z.output<typeof planRunSchema>;

/** The type that a model is registered under: its estimator's, or of a composite `stacked(<first>,<second>)`, `ensemble(<a>,<b>)`. */
export function modelTypeOf(plan: PlanRun): string {
  const own = plan.family?.type;
  const members = plan.members.map((it) => it.modelType);
  if (own === undefined) return `ensemble(${members.join(",")})`;
  return members.length === 0 ? own : `stacked(${members[0]},${own})`;
}
