import * as z from "zod";
import { operation } from "./operation.ts";

const serverSchema = z.object({
  uri: z.string().nullable(),
  /** What selected the server. */
  source: z.enum(["flag", "MLFLOW_TRACKING_URI", "signalbox.yaml", "managed"]),
  isRunning: z.boolean(),
  version: z.string().nullable(),
  pid: z.number().nullable(),
  startedAt: z.string().nullable(),
  /** Folder and log of the managed server; null for another server. */
  folder: z.string().nullable(),
  log: z.string().nullable(),
  /** Why the server isn't usable; null if it is. */
  problem: z.string().nullable(),
});
export type ServerStatus = z.output<typeof serverSchema>;

const modelVersionSchema = z.object({
  name: z.string(),
  version: z.string(),
  runId: z.string(),
  status: z.string(),
  stage: z.string().nullable(),
  aliases: z.array(z.string()),
  digest: z.string().nullable(),
  source: z.string(),
  createdAt: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type ModelVersionView = z.output<typeof modelVersionSchema>;

const verifyCheckSchema = z.object({
  /** "status", "source-run", "files", "digest", "signature", "load", "parameters", "metrics". */
  check: z.string(),
  isPassed: z.boolean(),
  /** Code of the failure, such as "digest-changed"; null if the check passed. */
  code: z.string().nullable(),
  message: z.string(),
});
export type VerifyCheck = z.output<typeof verifyCheckSchema>;

const trackingErrors = [
  "tracking/unreachable",
  "tracking/server-failed",
  "tracking/denied",
  "tracking/rejected",
  "tracking/not-mlflow",
] as const;
const environmentErrors = ["environment/no-python", "environment/no-uv", "environment/install-failed"] as const;

const modelName = z.string().min(1).describe("Name of the registered model");
const modelVersion = z
  .string()
  .regex(/^[1-9]\d*$/, "a version's number")
  .optional();

export const trackingOperations = {
  "mlflow.start": operation({
    summary: "Start the project's MLflow server",
    description:
      "Starts the managed server, or reports that it is running. If another server is set (by flag, MLFLOW_TRACKING_URI or signalbox.yaml), only checks whether it responds.",
    input: z.strictObject({}),
    output: serverSchema.extend({ isNew: z.boolean() }),
    errors: [...trackingErrors, ...environmentErrors],
    invalidates: ["tracking"],
    isLong: false,
    needsProject: true,
    cli: { path: "mlflow start", group: "machine" },
  }),
  "mlflow.stop": operation({
    summary: "Stop the managed MLflow server",
    description: "Ends the whole process group of the server. Its contents are kept, and the next run starts it again.",
    input: z.strictObject({}),
    output: z.object({ wasRunning: z.boolean() }),
    errors: [],
    invalidates: ["tracking"],
    isLong: false,
    needsProject: true,
    cli: { path: "mlflow stop", group: "machine" },
  }),
  "mlflow.status": operation({
    summary: "Show which MLflow server the project uses and whether it responds",
    input: z.strictObject({}),
    output: serverSchema,
    errors: [],
    provides: ["tracking"],
    isLong: false,
    needsProject: true,
    cli: { path: "mlflow status", group: "machine" },
  }),
  "mlflow.open": operation({
    summary: "Open the page of MLflow in the browser",
    description: "Starts the managed server if necessary. Without a display, prints the address.",
    input: z.strictObject({
      run: z.string().optional().describe("Run to open: id, its beginning, `#<number>` or `latest`"),
      print: z.boolean().default(false).describe("Only print the address"),
    }),
    output: z.object({ url: z.string(), isOpened: z.boolean() }),
    errors: [...trackingErrors, ...environmentErrors, "runs/not-found"],
    invalidates: ["tracking"],
    isLong: false,
    needsProject: true,
    cli: { path: "mlflow open", group: "machine", positionals: ["run"], valueNames: { run: "RUN" } },
  }),
  "models.register": operation({
    summary: "Register the model of a run, before any gate",
    description: "Registers a model once per run: an existing version is found by its tag. Moves no alias.",
    input: z.strictObject({ run: z.string().describe("Run id, its beginning, `#<number>` or `latest`") }),
    output: z.object({ name: z.string(), version: z.string(), runId: z.string(), isNew: z.boolean() }),
    errors: [
      ...trackingErrors,
      ...environmentErrors,
      "runs/not-found",
      "models/not-found",
      "projects/foreign",
      "ledger/other-head",
    ],
    invalidates: ["models"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "models register",
      group: "runs",
      positionals: ["run"],
      valueNames: { run: "RUN" },
      examples: ["signalbox models register latest"],
    },
  }),
  "models.list": operation({
    summary: "List the registered models",
    input: z.strictObject({}),
    output: z.object({
      models: z.array(
        z.object({
          name: z.string(),
          /** Highest version; null if the model has none yet. */
          latest: z.string().nullable(),
          versions: z.number(),
          /** Versions by alias. */
          aliases: z.record(z.string(), z.string()),
        }),
      ),
    }),
    errors: [...trackingErrors, ...environmentErrors],
    provides: ["models"],
    isLong: false,
    needsProject: true,
    cli: { path: "models list", group: "runs" },
  }),
  "models.show": operation({
    summary: "Show the versions of a registered model, or one of them",
    input: z.strictObject({
      name: modelName,
      version: modelVersion.describe("Version number; all versions by default"),
    }),
    output: z.object({ name: z.string(), versions: z.array(modelVersionSchema) }),
    errors: [...trackingErrors, ...environmentErrors, "models/not-found"],
    provides: ["models"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "models show",
      group: "runs",
      positionals: ["name", "version"],
      valueNames: { name: "NAME", version: "VERSION" },
    },
  }),
  "models.verify": operation({
    summary: "Verify a model version: files, digest, signature, parameters, metrics",
    description:
      "Fetches the version's files and loads the model in a child process without secrets. Every failure is listed with its code.",
    input: z.strictObject({
      name: modelName,
      version: modelVersion.describe("Version number; production by default, or the highest if there is no production"),
      trust: z
        .boolean()
        .default(false)
        .describe("Load a model even if no run of this project made it; loading executes its code"),
    }),
    output: z.object({
      name: z.string(),
      version: z.string(),
      chosenAs: z.enum(["named", "production", "highest"]).describe("Why it is this version"),
      runId: z.string(),
      digest: z.string(),
      checks: z.array(verifyCheckSchema),
    }),
    errors: [...trackingErrors, ...environmentErrors, "models/not-found", "models/verification-failed"],
    provides: ["models"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "models verify",
      group: "runs",
      positionals: ["name", "version"],
      valueNames: { name: "NAME", version: "VERSION" },
    },
  }),
} as const;
