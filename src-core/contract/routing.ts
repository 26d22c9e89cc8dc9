import * as z from "zod";
import { routingAlone } from "./locks.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";
import { routeSchema } from "./routing/routes.ts";
import {
  assessOutputSchema,
  planOutputSchema,
  queueRowSchema,
  routesOutputSchema,
  trainOutputSchema,
  wouldChangeSchema,
} from "./routing/routing-output.ts";
import { signalSchema, traceStepSchema } from "./routing/routing-plans.ts";
import { workingFolder } from "./working-folder.ts";

/** Routing: assess where to train, route, plan, and train exactly that plan. */

const trackingUri = z.string().optional();
const target = z.string().describe("Target from signalbox.yaml");
const segment = z
  .string()
  .describe("Segment (symbol); the pooled view (CS) by default. Write '\"CS\"' for a segment of that name");

const planErrors = [
  "routing/plan-missing",
  "routing/plan-corrupt",
  "routing/plan-stale",
  "routing/plan-empty",
  "routing/no-targets",
] as const;
const configErrors = [
  "configs/unknown-key",
  "configs/invalid-value",
  "configs/inconsistent",
  "splits/master-missing",
  "splits/contract-violated",
] as const;

const assessShape = {
  fresh: z.boolean().default(false).describe("Repeat measurements even if there are results with the same signature"),
  jobs: z.int().min(1).max(256).optional().describe("Number of parallel workers; one per core by default"),
};
const trainShape = {
  only: z
    .string()
    .optional()
    .describe(
      "Only jobs that match `target=…,segment=…,family=…`, or some of these (`symbol` is accepted for `segment`)",
    ),
  stage: z.int().min(1).max(2).optional().describe("Only jobs of this stage, 1 or 2"),
  jobs: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe("Number of parallel pipelines; by default it depends on cores and memory"),
  fresh: z.boolean().default(false).describe("Train even if an equal run exists"),
  promote: z.boolean().default(true).describe("Apply the verdicts instead of only recording them"),
};

export const routingOperations = {
  "routing.assess": operation({
    summary: "Measure where a model is worth training, for each target and segment",
    description:
      "Cross-validates each family on the train side only, in folds that keep groups whole and time in order, and measures scores with intervals, stability, sample sizes and leaks. The result of every fold is saved: an interrupted assessment resumes where it stopped, and evidence with an equal signature is reused.",
    input: z.object({
      ...assessShape,
      format: z.enum(["parquet", "csv"]).default("parquet").describe("Format of the candidate table"),
    }),
    output: assessOutputSchema,
    errors: ["routing/no-targets", "training/worker-failed", ...configErrors],
    invalidates: ["routing"],
    locks: routingAlone,
    isLong: true,
    needsProject: true,
    cli: { path: "assess", group: "routing", examples: ["signalbox assess", "signalbox assess --fresh --format csv"] },
  }),
  "routing.build": operation({
    summary: "Route each target and segment by the policy and write the routing plan",
    description:
      "Reads metrics/routing/routing_candidates, or another Parquet or CSV file that you name. An invalid row is reported with its key; the other rows are used.",
    input: z.object({
      candidates: z.string().optional().describe("Candidate table, relative to the current folder"),
    }),
    output: routesOutputSchema,
    errors: [
      "routing/no-candidates",
      "routing/two-candidate-files",
      "routing/candidates-unreadable",
      "routing/no-targets",
      ...configErrors,
    ],
    invalidates: ["routing"],
    paths: ["candidates"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "route build",
      group: "routing",
      valueNames: { candidates: "FILE" },
      examples: ["signalbox route build", "signalbox route build --candidates scores.csv"],
    },
  }),
  "routing.show": operation({
    summary: "Show the routing plan as a matrix of targets and segments",
    input: z.object({
      target: target.optional().describe("Only this target"),
      segment: segment.optional().describe("Only this segment"),
    }),
    output: routesOutputSchema,
    errors: ["routing/plan-missing", "routing/plan-corrupt", "routing/not-found"],
    provides: ["routing"],
    isLong: false,
    needsProject: true,
    cli: { path: "route show", group: "routing" },
  }),
  "routing.explain": operation({
    summary: "Explain the route of a target or segment, and what would change it",
    input: z.object({ target, segment: segment.optional() }),
    output: z.object({
      target: z.string(),
      symbol: z.string().nullable(),
      route: z.string(),
      csSignal: signalSchema,
      symbolSignal: signalSchema.nullable(),
      steps: z.array(traceStepSchema),
      evidence: z.array(z.string()),
      wouldChange: z.array(wouldChangeSchema),
    }),
    errors: ["routing/no-candidates", "routing/not-found", ...configErrors],
    provides: ["routing", "configs"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "route explain",
      group: "routing",
      positionals: ["target", "segment"],
      examples: ["signalbox route explain arr_delay", "signalbox route explain arr_delay UA"],
    },
  }),
  "routing.whatIf": operation({
    summary: "Try another threshold and show which routes, jobs and hours change",
    input: z.object({
      set: z.record(z.string(), z.string()).describe("Key of the policy and the value to try"),
    }),
    output: z.object({
      changed: z.array(z.object({ key: z.string(), from: z.string(), to: z.string() })),
      routes: z.array(
        z.object({
          target: z.string(),
          symbol: z.string().nullable(),
          from: z.string(),
          to: z.string(),
          why: z.string(),
        }),
      ),
      jobsAdded: z.number(),
      jobsRemoved: z.number(),
      jobsBefore: z.number(),
      jobsAfter: z.number(),
      cpuHoursBefore: z.number().nullable(),
      cpuHoursAfter: z.number().nullable(),
      gpuHoursBefore: z.number().nullable(),
      gpuHoursAfter: z.number().nullable(),
    }),
    errors: ["routing/no-candidates", "configs/unknown-key", "configs/invalid-value", "configs/inconsistent"],
    provides: ["routing", "configs"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "route what-if",
      group: "routing",
      valueNames: { set: "KEY=VALUE" },
      examples: ["signalbox route what-if --set cross_sectional.min_score=0.55"],
    },
  }),
  "routing.configShow": operation({
    summary: "Show the routing policy, and where each value comes from",
    input: z.object({}),
    output: z.object({
      file: z.string().nullable(),
      digest: z.string(),
      marks: z.array(z.string()),
      values: z.array(z.object({ key: z.string(), value: z.string(), origin: z.string() })),
    }),
    errors: configErrors,
    provides: ["configs"],
    isLong: false,
    needsProject: true,
    cli: { path: "routing config show", group: "routing" },
  }),
  "routing.configCheck": operation({
    summary: "Check the routing policy, and the routing part of signalbox.yaml",
    input: z.object({}),
    output: z.object({
      file: z.string().nullable(),
      targets: z.array(
        z.object({
          name: z.string(),
          task: z.string(),
          metric: z.string(),
          tier: z.string(),
          families: z.array(z.string()),
          gate: z.string(),
        }),
      ),
      segments: z.string().nullable(),
      marks: z.array(z.string()),
    }),
    errors: ["routing/no-targets", ...configErrors],
    provides: ["project", "configs"],
    isLong: false,
    needsProject: true,
    cli: { path: "routing config check", group: "routing" },
  }),
  "routing.import": operation({
    summary: "Import the candidate table, policy and plans of an older layout",
    description:
      "Reads METRICS/routing_candidates.parquet, CONFIG/training_config/routing_config.yaml, METRICS/routing_plan/ and METRICS/training_plan/ below a folder, and reports every key that it can't map. Existing files are overwritten only if you force it.",
    input: z.object({
      dir: z.string().describe("Folder of the older layout, relative to the current folder"),
      force: z.boolean().default(false).describe("Overwrite existing files"),
    }),
    output: z.object({
      written: z.array(z.string()),
      kept: z.array(z.string()).describe("Files that existed and were kept"),
      unmapped: z.array(z.object({ file: z.string(), key: z.string(), reason: z.string() })),
      notes: z.array(z.string()),
      actions: z.array(nextStepSchema).describe("Steps for what was not imported"),
    }),
    errors: ["files/not-found", "routing/legacy-unknown", "routing/candidates-unreadable"],
    invalidates: ["routing", "configs"],
    paths: ["dir"],
    isLong: false,
    needsProject: true,
    cli: { path: "routing import", group: "routing", positionals: ["dir"], valueNames: { dir: "DIR" } },
  }),
  "routing.run": operation({
    summary: "Assess, route, plan and train with one command",
    input: z.object({ ...trainShape, fresh: assessShape.fresh, trackingUri }),
    output: z.object({
      assessed: assessOutputSchema.omit({ views: true }),
      routes: z.record(routeSchema, z.number()),
      plan: z.object({ planHash: z.string(), jobs: z.number(), skipped: z.number() }),
      training: trainOutputSchema,
    }),
    errors: [
      ...planErrors,
      "routing/no-candidates",
      "training/no-jobs",
      "training/worker-failed",
      "projects/foreign",
      "ledger/other-head",
      ...configErrors,
    ],
    invalidates: ["routing", "runs", "models", "decisions", "ledger"],
    locks: routingAlone,
    isLong: true,
    needsProject: true,
    cli: { path: "routing run", group: "routing", hidden: ["trackingUri"], examples: ["signalbox routing run"] },
  }),
  "routing.planBuild": operation({
    summary: "Build the training plan, with jobs, order and estimates, from the routes",
    input: z.object({}),
    output: planOutputSchema,
    errors: ["routing/no-candidates", ...planErrors, ...configErrors],
    invalidates: ["routing"],
    locks: routingAlone,
    isLong: true,
    needsProject: true,
    cli: { path: "plan build", group: "routing" },
  }),
  "routing.planShow": operation({
    summary: "Show the jobs of the training plan",
    input: z.object({
      target: target.optional().describe("Only this target"),
      segment: segment.optional().describe("Only this segment"),
      legacyPlan: z
        .string()
        .optional()
        .describe("Plan of an older layout instead of the project's own plan, relative to the project"),
    }),
    output: planOutputSchema,
    errors: planErrors,
    provides: ["routing"],
    isLong: false,
    needsProject: true,
    cli: { path: "plan show", group: "routing", valueNames: { legacyPlan: "FILE" } },
  }),
  "routing.planDiff": operation({
    summary: "Compare two training plans: jobs added, removed, changed, and why",
    input: z.object({
      from: z
        .string()
        .optional()
        .describe("File of a plan, or the beginning of its hash; the previous plan by default"),
      to: z.string().optional().describe("File of a plan, or the beginning of its hash; the current plan by default"),
      workingFolder,
    }),
    output: z.object({
      from: z.string(),
      to: z.string(),
      inputs: z.array(z.object({ input: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
      rows: z.array(
        z.object({
          change: z.enum(["added", "removed", "changed"]),
          target: z.string(),
          symbol: z.string().nullable(),
          job: z.string(),
          what: z.string(),
          why: z.string(),
        }),
      ),
    }),
    errors: planErrors,
    provides: ["routing"],
    workingFolder: "workingFolder",
    isLong: false,
    needsProject: true,
    cli: { path: "plan diff", group: "routing", positionals: ["from", "to"], hidden: ["workingFolder"] },
  }),
  "routing.planCheck": operation({
    summary: "Check that the plan is complete and its inputs haven't changed",
    input: z.object({}),
    output: z.object({ file: z.string(), planHash: z.string(), jobs: z.number(), marks: z.array(z.string()) }),
    errors: [...planErrors, ...configErrors],
    provides: ["routing", "configs", "splits"],
    isLong: false,
    needsProject: true,
    cli: { path: "plan check", group: "routing" },
  }),
  "routing.train": operation({
    summary: "Train the jobs of the plan, as many in parallel as the machine allows",
    description:
      "Each job is one execution of the pipeline, with its own MLflow run, gate and ledger entry. If a job fails, the others continue; jobs that depend on it are skipped, with the reason. A repeated or interrupted training resumes with the jobs that aren't finished.",
    input: z.object({
      ...trainShape,
      dryRun: z.boolean().default(false).describe("Show which jobs would run where, and why the others would not"),
      legacyPlan: z
        .string()
        .optional()
        .describe("Plan of an older layout instead of the project's own plan, relative to the project"),
      trackingUri,
    }),
    output: trainOutputSchema,
    errors: [
      ...planErrors,
      "training/no-jobs",
      "training/worker-failed",
      "tracking/unreachable",
      "projects/foreign",
      "ledger/other-head",
      ...configErrors,
    ],
    invalidates: ["routing", "runs", "models", "decisions", "ledger"],
    locks: routingAlone,
    isLong: true,
    needsProject: true,
    cli: {
      path: "train",
      group: "routing",
      hidden: ["trackingUri"],
      valueNames: { only: "FILTER", legacyPlan: "FILE" },
      examples: ["signalbox train", "signalbox train --only target=arr_delay,segment=UA", "signalbox train --dry-run"],
    },
  }),
  "routing.queue": operation({
    summary: "Show the jobs of the current or last training, and why a job waits",
    input: z.object({}),
    output: z.object({
      planHash: z.string().nullable(),
      isWorking: z.boolean(),
      jobs: z.array(queueRowSchema),
    }),
    errors: [],
    provides: ["routing", "runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "train status", group: "routing" },
  }),
} as const;
