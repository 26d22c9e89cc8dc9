import * as z from "zod";
import { routingTaskSchema } from "../configs/targets.ts";
import { routeSchema, trainingTypeSchema } from "./routes.ts";

/** Describes the job of a training plan that a run executes. It is kept in the run's `run.json` and is part of its fingerprint. */

const memberSchema = z.object({
  role: z.enum(["stage_1", "cross_sectional", "symbol_specific"]),
  runId: z.string(),
  modelType: z.string(),
  modelDigest: z.string(),
  /** Folder of the model, relative to the project. */
  modelDir: z.string(),
});
export type PlanMember = z.output<typeof memberSchema>;

export const planRunSchema = z.object({
  jobId: z.string(),
  planHash: z.string(),
  /** Digests of dataset and split; a run on other data is another run. */
  dataHash: z.string(),
  target: z.object({
    name: z.string(),
    /** Target column in the files of the view; the name of the target if it is computed. */
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
  /** Relaxed rules under which the plan was made; they are recorded in the run. */
  marks: z.array(z.string()).default([]),
  /** The family that won out of fold; null for an ensemble, which only fits weights. */
  family: z
    .object({ name: z.string(), type: z.string(), params: z.record(z.string(), z.unknown()), seed: z.number() })
    .nullable(),
  /** Every requested family, with its out-of-fold score. */
  competition: z.array(z.object({ family: z.string(), score: z.number().nullable(), note: z.string().nullable() })),
  features: z.array(z.string()),
  featureSetId: z.string(),
  /** File of the gate. */
  promotion: z.string(),
  experiment: z.string(),
  registeredModel: z.string(),
  /** Models inside this one. */
  members: z.array(memberSchema),
  /** File of the held-out predictions that it is fitted on, relative to the project. */
  heldOut: z.object({ path: z.string(), sha256: z.string() }).nullable(),
});
export type PlanRun = z.output<typeof planRunSchema>;

/** Returns the type of a registered model: of its estimator, or `stacked(<first>,<second>)` or `ensemble(<a>,<b>)` for a composite. */
export function modelTypeOf(plan: PlanRun): string {
  const own = plan.family?.type;
  const members = plan.members.map((it) => it.modelType);
  if (own === undefined) return `ensemble(${members.join(",")})`;
  return members.length === 0 ? own : `stacked(${members[0]},${own})`;
}
