import * as z from "zod";
import { jobStates } from "../jobs.ts";
import { verdictSchema } from "../runs/stage-results.ts";
import { routeSchema } from "./routes.ts";
import { familyEvidenceSchema, leakFindingSchema } from "./routing-evidence.ts";
import { leakageSchema, planJobSchema, signalSchema, stabilitySchema, trainingPlanSchema } from "./routing-plans.ts";

/** Outputs of the routing operations. */

const assessedViewSchema = z.object({
  target: z.string(),
  symbol: z.string().nullable(),
  rows: z.number(),
  effectiveRows: z.number().nullable(),
  score: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  method: z.string().nullable(),
  bestFamily: z.string().nullable(),
  stability: stabilitySchema,
  leakage: leakageSchema,
  findings: z.array(leakFindingSchema),
  families: z.array(familyEvidenceSchema.pick({ family: true, score: true, error: true, folds: true })),
  note: z.string().nullable(),
});

export const assessOutputSchema = z.object({
  candidatesFile: z.string(),
  evidenceFile: z.string(),
  results: z.number().describe("Results, such as folds, behind the evidence"),
  reused: z.number().describe("Results that were reused, because their signature is the same"),
  seconds: z.number(),
  views: z.array(assessedViewSchema),
});
export type AssessOutput = z.output<typeof assessOutputSchema>;

const matrixSchema = z.object({
  target: z.string(),
  crossSectional: z.object({ route: z.enum(["ENABLED", "DISABLED"]), signal: signalSchema, reason: z.string() }),
  segments: z.array(
    z.object({
      symbol: z.string(),
      route: routeSchema,
      csSignal: signalSchema,
      symbolSignal: signalSchema,
      reason: z.array(z.string()),
    }),
  ),
});

export const routesOutputSchema = z.object({
  file: z.string(),
  generatedAt: z.string(),
  marks: z.array(z.string()),
  counts: z.record(routeSchema, z.number()),
  targets: z.array(matrixSchema),
  badRows: z.array(z.object({ key: z.string(), problems: z.array(z.string()) })),
  notes: z.array(z.string()),
});
export type RoutesOutput = z.output<typeof routesOutputSchema>;

export const wouldChangeSchema = z.object({
  kind: z.enum(["threshold", "switch", "evidence"]),
  key: z.string(),
  from: z.string(),
  to: z.string(),
  route: z.string(),
  text: z.string(),
});

export const planOutputSchema = z.object({
  file: z.string(),
  planHash: z.string(),
  generatedAt: z.string(),
  marks: z.array(z.string()),
  summary: trainingPlanSchema.shape.summary,
  jobs: z.array(planJobSchema),
  skipped: trainingPlanSchema.shape.skipped,
});
export type PlanOutput = z.output<typeof planOutputSchema>;

/** A job is `skipped` if it never started because of another job. */
export const queueStateSchema = z.enum([...jobStates, "skipped"]);
export type QueueState = z.output<typeof queueStateSchema>;

export const queueRowSchema = z.object({
  jobId: z.string(),
  target: z.string(),
  symbol: z.string().nullable(),
  trainingType: z.string(),
  stage: z.number(),
  route: routeSchema,
  priority: z.number(),
  state: queueStateSchema,
  isAsked: z.boolean().describe("False for a job that the request excludes"),
  why: z.string().nullable().describe("Why the job is waiting, was skipped or failed"),
  executor: z.string(),
  family: z.string().nullable(),
  runId: z.string().nullable(),
  runNumber: z.number().nullable(),
  isReused: z.boolean().describe("Whether an equal run had already trained it"),
  verdict: verdictSchema.nullable(),
  isPromoted: z.boolean(),
  modelName: z.string().nullable(),
  modelVersion: z.string().nullable(),
  estimatedSeconds: z.number().nullable(),
  seconds: z.number().nullable(),
});
export type QueueRow = z.output<typeof queueRowSchema>;

export const trainOutputSchema = z.object({
  isDryRun: z.boolean(),
  planHash: z.string(),
  marks: z.array(z.string()),
  file: z.string().nullable().describe("Path of the report"),
  counts: z.object({
    planned: z.number(),
    selected: z.number(),
    trained: z.number(),
    reused: z.number(),
    promoted: z.number(),
    held: z.number(),
    rejected: z.number(),
    failed: z.number(),
    skipped: z.number(),
  }),
  estimatedSeconds: z.number().nullable(),
  /** Sum over the jobs of this training. */
  jobSeconds: z.number(),
  wallSeconds: z.number(),
  atOnce: z.number(),
  jobs: z.array(queueRowSchema),
  notes: z.array(z.string()),
});
export type TrainOutput = z.output<typeof trainOutputSchema>;
