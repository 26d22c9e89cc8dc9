import * as z from "zod";
import { operation } from "./operation.ts";
import { gateResultSchema, gateRowSchema, verdictSchema } from "./runs/stage-results.ts";

const run = z.string().describe("Run id, its beginning, `#<number>` or `latest`");

const decisionKindSchema = z.enum(["decision", "rollback", "override"]);

export const decisionRowSchema = z.object({
  ledgerIndex: z.number(),
  kind: decisionKindSchema,
  runId: z.string(),
  modelName: z.string(),
  modelVersion: z.string(),
  verdict: verdictSchema.nullable(),
  isExperiment: z
    .boolean()
    .describe("The run was an experiment: its verdict is recorded, but its model is never promoted"),
  reason: z.string(),
  actor: z.string(),
  productionBefore: z.string().nullable().describe("Version that the alias pointed to before"),
  productionAfter: z.string().nullable().describe("Version that the alias pointed to afterwards"),
  decidedAt: z.number(),
});
export type DecisionRow = z.output<typeof decisionRowSchema>;

export const promotionOperations = {
  "promotion.list": operation({
    summary: "List promotions, refusals, overrides and rollbacks, newest first",
    input: z.object({ limit: z.int().min(1).max(100_000).default(50).describe("Maximum number of decisions") }),
    output: z.object({ total: z.number(), decisions: z.array(decisionRowSchema) }),
    errors: [],
    provides: ["decisions"],
    isLong: false,
    needsProject: true,
    cli: { path: "promotion list", group: "runs" },
  }),
  "promotion.show": operation({
    summary: "Show a decision row by row: comparisons, bounds and outcomes",
    input: z.object({ run: run.default("latest") }),
    output: z.object({
      decision: decisionRowSchema,
      gate: z.array(gateRowSchema),
      ...gateResultSchema.omit({ verdict: true, reason: true, rows: true }).shape,
      referenceReads: z.number(),
      later: z.array(decisionRowSchema).describe("Overrides and rollbacks that followed"),
    }),
    errors: ["runs/not-found", "promotion/not-decided", "ledger/not-found"],
    provides: ["decisions"],
    isLong: false,
    needsProject: true,
    cli: { path: "promotion show", group: "runs", positionals: ["run"] },
  }),
  "promotion.check": operation({
    summary: "Check a run's verdict in a script: exit with 0 for PROMOTE, else 6",
    description:
      "An override doesn't change the verdict of the gate; it counts only if you allow it. An experiment of a training plan never passes, whatever its verdict.",
    input: z.object({
      run: run.default("latest"),
      allowOverride: z.boolean().default(false).describe("Also accept a run that a person promoted against the gate"),
    }),
    output: z.object({
      runId: z.string(),
      verdict: verdictSchema,
      reason: z.string(),
      isExperiment: z.boolean(),
      isOverridden: z.boolean(),
      isPassed: z.boolean(),
    }),
    errors: ["runs/not-found", "promotion/not-decided"],
    provides: ["decisions"],
    isLong: false,
    needsProject: true,
    exitCode: (output) => (output.isPassed ? 0 : 6),
    cli: {
      path: "promotion check",
      group: "runs",
      positionals: ["run"],
      examples: ["signalbox promotion check latest && deploy"],
    },
  }),
  "promotion.rollback": operation({
    summary: "Move production back to the previous version, or to an earlier one",
    input: z.object({
      model: z
        .string()
        .optional()
        .describe("Registered model; the model of the project by default (each job of a plan has its own)"),
      to: z.string().optional().describe("Version to go back to; the previous one by default"),
      reason: z.string().min(1).describe("Reason; it is written to the ledger"),
    }),
    output: z.object({ modelName: z.string(), from: z.string(), to: z.string(), ledgerIndex: z.number() }),
    errors: [
      "promotion/nothing-to-roll-back",
      "promotion/alias-moved",
      "promotion/other-model",
      "projects/foreign",
      "ledger/other-head",
      "models/not-found",
      "tracking/unreachable",
    ],
    invalidates: ["decisions", "models", "ledger"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "promotion rollback",
      group: "runs",
      examples: ["signalbox promotion rollback --reason 'complaints from the LGA desk'"],
    },
  }),
  "promotion.override": operation({
    summary: "Promote a decided run against the verdict of the gate",
    input: z.object({
      run,
      reason: z.string().min(1).describe("Reason; it is written to the ledger and to the model version"),
    }),
    output: z.object({
      modelName: z.string(),
      version: z.string(),
      verdict: verdictSchema,
      before: z.string().nullable(),
      ledgerIndex: z.number(),
    }),
    errors: [
      "runs/not-found",
      "promotion/not-decided",
      "promotion/nothing-to-roll-back",
      "promotion/alias-moved",
      "promotion/other-model",
      "projects/foreign",
      "ledger/other-head",
      "tracking/unreachable",
    ],
    invalidates: ["decisions", "models", "ledger"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "promotion override",
      group: "runs",
      positionals: ["run"],
      examples: ["signalbox promotion override latest --reason 'needed for the new airport'"],
    },
  }),
} as const;
