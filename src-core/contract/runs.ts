import { z } from "zod";
import { versionFieldsOf } from "./configs/config-kinds.ts";
import { dataRead } from "./locks.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";
import { decideResultSchema, stageNameSchema, verdictSchema } from "./runs/stage-results.ts";

export const runStatusSchema = z.enum(["RUNNING", "FINISHED", "FAILED", "KILLED"]);
export type RunStatus = z.output<typeof runStatusSchema>;

const versionsShape = versionFieldsOf(z.number());

export const runSummarySchema = z.object({
  runId: z.string(),
  number: z.number().describe("The project's own count of runs: `#3` names a run too."),
  status: runStatusSchema,
  isResumable: z.boolean(),
  stage: z.string().nullable(),
  verdict: z.string().nullable(),
  ...versionsShape,
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  primary: z.object({ metric: z.string(), value: z.number().nullable() }).nullable(),
  plan: z
    .object({
      jobId: z.string(),
      target: z.string(),
      symbol: z.string().nullable(),
      trainingType: z.string(),
      stage: z.number(),
    })
    .nullable()
    .describe("The job of a training plan that it executed."),
});
export type RunSummary = z.output<typeof runSummarySchema>;

const stageStateSchema = z.object({
  stage: stageNameSchema,
  state: z.enum(["finished", "running", "failed", "cancelled", "to do"]),
  seconds: z.number().nullable(),
  note: z.string().nullable(),
});

const metricSchema = z.object({
  metric: z.string(),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.number(),
  method: z.string().nullable(),
  note: z.string().nullable(),
});

export const runReportSchema = z.object({
  run: runSummarySchema,
  experiment: z.string(),
  stages: z.array(stageStateSchema),
  sides: z.array(
    z.object({ name: z.string(), path: z.string(), rows: z.number(), sha256: z.string(), rowDigest: z.string() }),
  ),
  metrics: z.array(metricSchema),
  decision: decideResultSchema.nullable(),
  versioned: z.array(z.object({ path: z.string(), hash: z.string() })),
  mlflowUrl: z.string().nullable(),
  trackingUri: z.string().nullable(),
  runFolder: z.string(),
  error: z
    .object({ code: z.string(), message: z.string(), hint: z.string().nullable(), next: z.array(nextStepSchema) })
    .nullable(),
  params: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
  actions: z.array(nextStepSchema).describe("What can be done next."),
  nextSteps: z.array(z.string()).describe("The same as commands."),
});
export type RunReport = z.output<typeof runReportSchema>;

export const planSchema = z.object({
  isDryRun: z.literal(true),
  ...versionsShape,
  fingerprint: z.string(),
  resumes: z.string().nullable(),
  stages: z.array(z.object({ stage: stageNameSchema, action: z.enum(["run", "already there"]), reason: z.string() })),
});

const runReference = z.string().describe("Run id, its beginning, `#<number>` or `latest`.");

/** The server that the face which asked would use; not an option of the commands but of the command line (--tracking-uri). */
const trackingUri = z.string().optional();

const startInput = z.object({
  set: z.record(z.string(), z.string()).default({}).describe("A version for this run instead of the active one."),
  seed: z.int().min(0).optional().describe("Seed instead of the model schema's."),
  new: z.boolean().default(false).describe("Start another run even if an equal one can be resumed."),
  dryRun: z.boolean().default(false).describe("Show what would run and what is already there; change nothing."),
  promote: z.boolean().default(true).describe("Apply the verdict; --no-promote only records it."),
  push: z.boolean().default(false).describe("Send the versioned data to the DVC remote."),
  trackingUri,
});

const pipelineErrors = [
  "configs/version-not-found",
  "configs/version-not-allowed",
  "configs/version-changed",
  "configs/unknown-key",
  "configs/invalid-value",
  "configs/inconsistent",
  "splits/master-missing",
  "splits/master-unreadable",
  "splits/contract-violated",
  "splits/leakage",
  "splits/empty-side",
  "splits/reference-changed",
  "splits/reference-missing",
  "training/failed",
  "training/preflight",
  "training/no-metrics",
  "training/schema-mismatch",
  "jobs/lost",
  "jobs/out-of-memory",
  "evaluation/model-changed",
  "evaluation/model-untrusted",
  "promotion/invalid-gate",
  "promotion/gate-changed",
  "promotion/alias-moved",
  "tracking/unreachable",
  "files/disk-full",
] as const;

export const runsOperations = {
  "runs.start": operation({
    summary: "Run the pipeline: split, version, train, evaluate, decide.",
    description:
      "One execution is one MLflow run. A run with equal versions that stopped before its end is resumed from its last finished stage (--new starts another). Ends with 0 when the pipeline completed, whatever the verdict; `signalbox promotion check RUN` is the gate for scripts.",
    input: startInput,
    output: z.union([runReportSchema, planSchema]),
    errors: pipelineErrors,
    invalidates: ["runs", "splits", "data", "models", "decisions", "ledger"],
    locks: dataRead,
    isLong: true,
    needsProject: true,
    cli: {
      path: "run",
      group: "start",
      hidden: ["trackingUri"],
      valueNames: { set: "KEY=VERSION" },
      examples: ["signalbox run", "signalbox run --set feature_version=2", "signalbox run --dry-run"],
    },
  }),
  "runs.stage": operation({
    summary: "Run one stage alone on an existing run.",
    description: "Idempotent: a stage whose result is already there and still valid is only verified.",
    input: z.object({
      name: stageNameSchema.exclude(["resolve", "start"]).describe("split, version, train, evaluate or decide."),
      run: runReference,
      force: z.boolean().default(false).describe("Run it again even if its result is there."),
      promote: z.boolean().default(true).describe("decide: apply the verdict; --no-promote only records it."),
      trackingUri,
    }),
    output: runReportSchema,
    errors: ["runs/not-found", "runs/stage-blocked", ...pipelineErrors],
    invalidates: ["runs", "splits", "data", "models", "decisions", "ledger"],
    locks: dataRead,
    isLong: true,
    needsProject: true,
    cli: {
      path: "stage",
      group: "runs",
      positionals: ["name"],
      hidden: ["trackingUri"],
      examples: ["signalbox stage split --run latest"],
    },
  }),
  "runs.resume": operation({
    summary: "Go on with a run that stopped, from its last finished stage.",
    input: z.object({
      run: runReference.default("latest"),
      promote: z.boolean().default(true).describe("Apply the verdict; --no-promote only records it."),
      trackingUri,
    }),
    output: runReportSchema,
    errors: ["runs/not-found", "runs/not-resumable", "runs/active", ...pipelineErrors],
    invalidates: ["runs", "splits", "data", "models", "decisions", "ledger"],
    locks: dataRead,
    isLong: true,
    needsProject: true,
    cli: {
      path: "runs resume",
      group: "runs",
      positionals: ["run"],
      hidden: ["trackingUri"],
      examples: ["signalbox runs resume latest"],
    },
  }),
  "runs.list": operation({
    summary: "The runs of the project, newest first.",
    input: z.object({
      status: runStatusSchema.optional().describe("Only runs in this state."),
      limit: z.int().min(1).max(100_000).default(30).describe("How many at the most."),
    }),
    output: z.object({ total: z.number(), runs: z.array(runSummarySchema) }),
    errors: [],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs list", group: "runs" },
  }),
  "runs.show": operation({
    summary: "The report of a run: data, metrics, the gate row by row, the verdict.",
    input: z.object({ run: runReference.default("latest") }),
    output: runReportSchema,
    errors: ["runs/not-found"],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs show", group: "runs", positionals: ["run"] },
  }),
  "runs.compare": operation({
    summary: "Runs side by side: versions, parameters and metrics that differ.",
    input: z.object({
      runs: z
        .array(runReference)
        .min(2)
        .max(8)
        .describe("Two to eight runs: ids, their beginnings, `#<number>` or `latest`."),
      all: z.boolean().default(false).describe("Also what is equal."),
    }),
    output: z.object({
      runs: z.array(z.string()),
      rows: z.array(
        z.object({
          kind: z.enum(["version", "parameter", "metric", "outcome"]),
          key: z.string(),
          values: z.array(z.string().nullable()),
          isEqual: z.boolean(),
        }),
      ),
    }),
    errors: ["runs/not-found"],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs compare", group: "runs", positionals: ["runs"] },
  }),
  "runs.cancel": operation({
    summary: "Cancel a run: its job gets TERM, then KILL after a grace time.",
    input: z.object({ run: runReference.default("latest") }),
    output: z.object({ runId: z.string(), status: runStatusSchema, message: z.string() }),
    errors: ["runs/not-found"],
    invalidates: ["runs", "operations"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs cancel", group: "runs", positionals: ["run"] },
  }),
  "runs.logs": operation({
    summary: "What a run's jobs wrote: standard output and error of training and evaluation.",
    input: z.object({
      run: runReference.default("latest"),
      job: z.enum(["train", "evaluate"]).optional().describe("Only this job's output."),
      tail: z.int().min(0).max(1_000_000).default(200).describe("The last lines; 0: all."),
    }),
    output: z.object({
      runId: z.string(),
      jobs: z.array(z.object({ job: z.string(), file: z.string(), sizeBytes: z.number(), text: z.string() })),
    }),
    errors: ["runs/not-found"],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs logs", group: "runs", positionals: ["run"] },
  }),
  "runs.reproduce": operation({
    summary: "Run a run's versions again in a scratch folder and compare every digest and metric.",
    description:
      "Ends with 6 if anything differs. Another environment lock, Python minor or CPU architecture is 'not comparable', not a failure. " +
      "The gate is asked again against the production that was recorded. Neither MLflow nor the ledger is written; the reference test is read once more, which is counted.",
    input: z.object({
      run: runReference.default("latest"),
      keep: z.boolean().default(false).describe("Keep the scratch folder."),
      trackingUri,
    }),
    output: z.object({
      runId: z.string(),
      outcome: z.enum(["reproduced", "different", "not comparable"]),
      reason: z.string(),
      rows: z.array(
        z.object({
          kind: z.string(),
          name: z.string(),
          original: z.string().nullable(),
          again: z.string().nullable(),
          outcome: z.enum(["equal", "different", "not comparable"]),
          note: z.string().nullable(),
        }),
      ),
      scratch: z.string().nullable(),
    }),
    errors: ["runs/not-found", "runs/not-comparable", "ledger/broken", ...pipelineErrors],
    provides: ["runs"],
    locks: dataRead,
    isLong: true,
    needsProject: true,
    exitCode: (output) => (output.outcome === "different" ? 6 : 0),
    cli: {
      path: "reproduce",
      group: "runs",
      positionals: ["run"],
      hidden: ["trackingUri"],
      examples: ["signalbox reproduce latest"],
    },
  }),
  "runs.status": operation({
    summary: "The project at a glance: versions, production, last runs, what is at work.",
    input: z.object({}),
    output: z.object({
      project: z.string(),
      folder: z.string(),
      task: z.string(),
      target: z.string(),
      ...versionsShape,
      production: z.object({ model: z.string(), version: z.string(), runId: z.string(), since: z.number() }).nullable(),
      working: z.array(
        z.object({ id: z.string(), operation: z.string(), runId: z.string().nullable(), sinceMs: z.number() }),
      ),
      runs: z.array(runSummarySchema),
      ledgerEntries: z.number(),
      lastVerdict: verdictSchema.nullable(),
      settled: z.array(z.string()).describe("Runs that had stopped and were settled by this command."),
    }),
    errors: ["projects/not-found"],
    provides: ["project", "runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "status", group: "start" },
  }),
} as const;
