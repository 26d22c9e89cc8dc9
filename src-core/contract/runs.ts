import * as z from "zod";
import { versionFieldsOf } from "./configs/config-kinds.ts";
import { checkSchema } from "./environment.ts";
import { dataRead } from "./locks.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";
import { decideResultSchema, stageNameSchema, verdictSchema } from "./runs/stage-results.ts";

export const runStatusSchema = z.enum(["RUNNING", "FINISHED", "FAILED", "KILLED"]);
export type RunStatus = z.output<typeof runStatusSchema>;

const versionsShape = versionFieldsOf(z.number());

export const runSummarySchema = z.object({
  runId: z.string(),
  number: z.number().describe("Number of the run in the project; `#3` also names a run"),
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
      isExperiment: z.boolean().describe("Its verdict is recorded, but its model is never promoted"),
    })
    .nullable()
    .describe("Job of a training plan that the run executed"),
});
export type RunSummary = z.output<typeof runSummarySchema>;

const stageStateSchema = z.object({
  stage: stageNameSchema,
  state: z.enum(["finished", "running", "failed", "cancelled", "to do"]),
  seconds: z.number().nullable(),
  note: z.string().nullable(),
});

/** A metric of one test of a run. */
export const testMetricSchema = z.object({
  metric: z.string().describe("`<test>_<name>`"),
  test: z.string(),
  name: z.string(),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.number(),
  method: z.string().nullable(),
  note: z
    .string()
    .nullable()
    .describe("Why it has no value, or what to know of the value, such as classes that training never met"),
  whyNoInterval: z.string().nullable().describe("Why a measured value has no interval"),
});
export type TestMetric = z.output<typeof testMetricSchema>;

export const runReportSchema = z.object({
  run: runSummarySchema,
  experiment: z.string(),
  stages: z.array(stageStateSchema),
  sides: z.array(
    z.object({ name: z.string(), path: z.string(), rows: z.number(), sha256: z.string(), rowDigest: z.string() }),
  ),
  positiveClass: z
    .string()
    .nullable()
    .describe("Class whose probability is predicted and measured; null unless there are two classes"),
  metrics: z.array(testMetricSchema),
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
  actions: z.array(nextStepSchema).describe("Possible next steps"),
  nextSteps: z.array(z.string()).describe("The same steps as commands"),
});
export type RunReport = z.output<typeof runReportSchema>;

export const planSchema = z.object({
  isDryRun: z.literal(true),
  ...versionsShape,
  fingerprint: z.string(),
  resumes: z.string().nullable(),
  stages: z.array(z.object({ stage: stageNameSchema, action: z.enum(["run", "already there"]), reason: z.string() })),
  actions: z.array(nextStepSchema).describe("The same request, to be executed"),
  nextSteps: z.array(z.string()).describe("The same step as a command"),
});

/** What is in production, and how it came there. */
const productionSchema = z.object({
  model: z.string(),
  version: z.string(),
  runId: z.string(),
  since: z.number(),
  by: z.enum(["decision", "override", "rollback"]),
  verdict: verdictSchema.nullable().describe("Verdict of the gate on its run; null if the ledger has none"),
  ledgerIndex: z.number(),
});

const runReference = z.string().describe("Run id, its beginning, `#<number>` or `latest`");

/** The server that the calling face uses. It isn't an option of these commands but of the command line (--tracking-uri). */
const trackingUri = z.string().optional();

const startInput = z.object({
  set: z.record(z.string(), z.string()).default({}).describe("Version for this run instead of the active one"),
  seed: z.int().min(0).optional().describe("Seed instead of the one in the model schema"),
  new: z.boolean().default(false).describe("Start a new run even if an equal one can be resumed"),
  dryRun: z.boolean().default(false).describe("Show what would run and what is already finished; change nothing"),
  promote: z.boolean().default(true).describe("Apply the verdict instead of only recording it"),
  push: z.boolean().default(false).describe("Send the versioned data to the DVC remote"),
  trackingUri,
});

const pipelineErrors = [
  "projects/foreign",
  "ledger/other-head",
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
    summary: "Run the pipeline: split, version, train, evaluate, decide",
    description:
      "One execution is one MLflow run. An unfinished run with equal versions is resumed after its last finished stage, unless you request a new one. Exits with 0 if the pipeline completes, whatever the verdict; in a script, check the promotion of the run next.",
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
      examples: [
        "signalbox run",
        "signalbox run --set feature_version=2",
        "signalbox run --dry-run",
        "signalbox run && signalbox promotion check latest",
      ],
    },
  }),
  "runs.stage": operation({
    summary: "Run a single stage of an existing run",
    description: "Idempotent: a stage whose result exists and is still valid is only verified.",
    input: z.object({
      name: stageNameSchema
        .exclude(["resolve", "start"])
        .describe("Stage to run: split, version, train, evaluate or decide"),
      run: runReference,
      force: z.boolean().default(false).describe("Run the stage again even if its result exists"),
      promote: z.boolean().default(true).describe("For decide: apply the verdict instead of only recording it"),
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
    summary: "Resume a stopped run after its last finished stage",
    input: z.object({
      run: runReference.default("latest"),
      promote: z.boolean().default(true).describe("Apply the verdict instead of only recording it"),
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
    summary: "List the runs of the project, newest first",
    input: z.object({
      status: runStatusSchema.optional().describe("Only runs with this status"),
      limit: z.int().min(1).max(100_000).default(30).describe("Maximum number of runs"),
    }),
    output: z.object({ total: z.number(), runs: z.array(runSummarySchema) }),
    errors: [],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs list", group: "runs" },
  }),
  "runs.show": operation({
    summary: "Show the report of a run: data, metrics, gate and verdict",
    input: z.object({ run: runReference.default("latest") }),
    output: runReportSchema,
    errors: ["runs/not-found"],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs show", group: "runs", positionals: ["run"] },
  }),
  "runs.compare": operation({
    summary: "Compare runs: versions, parameters and metrics that differ",
    input: z.object({
      runs: z
        .array(runReference)
        .min(2)
        .max(8)
        .describe("Two to eight runs: ids, their beginnings, `#<number>` or `latest`"),
      all: z.boolean().default(false).describe("Also show what is equal"),
    }),
    output: z.object({
      runs: z.array(z.string()),
      rows: z.array(
        z.object({
          kind: z.enum(["version", "parameter", "metric", "outcome"]),
          key: z.string(),
          values: z.array(z.string().nullable()),
          bounds: z
            .array(z.object({ low: z.string(), high: z.string() }).nullable())
            .optional()
            .describe("Interval of each value; only for metrics that have one"),
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
    summary: "Cancel a run: its job gets TERM, then KILL after a grace period",
    input: z.object({ run: runReference.default("latest") }),
    output: z.object({ runId: z.string(), status: runStatusSchema, message: z.string() }),
    errors: ["runs/not-found"],
    invalidates: ["runs", "operations"],
    isLong: false,
    needsProject: true,
    cli: { path: "runs cancel", group: "runs", positionals: ["run"] },
  }),
  "runs.logs": operation({
    summary: "Show the output of a run's training and evaluation jobs",
    input: z.object({
      run: runReference.default("latest"),
      job: z.enum(["train", "evaluate"]).optional().describe("Only the output of this job"),
      tail: z.int().min(0).max(1_000_000).default(200).describe("Number of last lines; 0 shows all"),
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
    summary: "Repeat a run in a scratch folder and compare digests and metrics",
    description:
      "Exits with 6 if anything differs. With another environment lock, Python minor or CPU architecture, the result is 'not comparable', which isn't a failure. " +
      "The gate decides again against the recorded production. Nothing is written to MLflow or the ledger. The reference test is read once more, and that read is counted.",
    input: z.object({
      run: runReference.default("latest"),
      keep: z.boolean().default(false).describe("Keep the scratch folder"),
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
    summary: "Show the project at a glance: versions, production, latest runs",
    input: z.object({}),
    output: z.object({
      project: z.string(),
      folder: z.string(),
      task: z.string(),
      target: z.string(),
      ...versionsShape,
      production: productionSchema.nullable().describe("Production of the project's own model"),
      routed: z.array(productionSchema).describe("Production of the models of training plans"),
      problems: z.array(checkSchema).describe("What is wrong with the project, as far as it is seen at a glance"),
      working: z.array(
        z.object({
          id: z.string(),
          operation: z.string(),
          runId: z.string().nullable(),
          sinceMs: z.number(),
          needsCredentials: z.boolean(),
        }),
      ),
      runs: z.array(runSummarySchema),
      ledgerEntries: z.number(),
      lastVerdict: verdictSchema.nullable(),
      lastIsExperiment: z.boolean().describe("The last verdict is of an experiment, which is never promoted"),
      settled: z.array(z.string()).describe("Stopped runs whose outcome this command recorded"),
    }),
    errors: ["projects/not-found"],
    provides: ["project", "runs"],
    isLong: false,
    needsProject: true,
    cli: { path: "status", group: "start" },
  }),
} as const;
