import { z } from "zod";
import { durationSchema } from "./duration.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";

const environmentSchema = z.object({
  /** Name of its folder: sha256 over locks, groups, Python minor and platform. */
  digest: z.string(),
  groups: z.array(z.string()),
  python: z.string(),
  folder: z.string(),
  sizeBytes: z.number(),
  madeAt: z.string(),
  /** To the hour; null where it was never noted. */
  lastUsedAt: z.string().nullable(),
  /** Made from the locks this Signalbox has now. */
  isCurrent: z.boolean(),
  /** A process runs in it at this moment. */
  isInUse: z.boolean(),
});
export type ListedEnvironment = z.output<typeof environmentSchema>;

const age = durationSchema.default("30d").describe("Only what was not used for so long: 30d, 12h, 1s.");

const yes = z.boolean().default(false).describe("Do it; without, only what would be done is shown.");

const freedSchema = z.object({
  kind: z.enum(["environment", "node", "cache", "run", "operation"]),
  path: z.string(),
  sizeBytes: z.number(),
  /** Why it can go, or why it stays. */
  reason: z.string(),
  state: z.enum(["to free", "freed", "kept"]),
});
export type Freed = z.output<typeof freedSchema>;

const freedOutput = z.object({
  items: z.array(freedSchema),
  /** Of what is, or would be, freed. */
  totalBytes: z.number(),
  isDone: z.boolean(),
});

const checkSchema = z.object({
  name: z.string(),
  state: z.enum(["ok", "warning", "problem"]),
  found: z.string(),
  /** How to mend it, in words; null where nothing is wrong. */
  fix: z.string().nullable(),
  /** The same as steps, where an operation or a program does it. */
  actions: z.array(nextStepSchema),
});
export type Check = z.output<typeof checkSchema>;

export const environmentOperations = {
  "environment.list": operation({
    summary: "List the Python environments that training runs in.",
    input: z.object({}),
    output: z.object({ folder: z.string(), environments: z.array(environmentSchema) }),
    errors: ["files/io", "files/no-permission"],
    provides: ["environments"],
    isLong: false,
    needsProject: false,
    cli: { path: "env list", group: "machine" },
  }),
  "environment.add": operation({
    summary: "Install a group of Python packages beside the base.",
    description:
      "Makes another environment from the locks; one that is in use is never changed. Groups: lightgbm, xgboost; dev and dvc serve this repository's own checks.",
    input: z.object({ group: z.string().describe("lightgbm or xgboost.") }),
    output: z.object({ digest: z.string(), python: z.string(), groups: z.array(z.string()), wasThere: z.boolean() }),
    errors: [
      "environment/unknown-group",
      "environment/no-python",
      "environment/no-uv",
      "environment/install-failed",
      "files/disk-full",
      "files/no-permission",
    ],
    invalidates: ["environments"],
    isLong: false,
    needsProject: false,
    cli: { path: "env add", group: "machine", positionals: ["group"], examples: ["signalbox env add lightgbm"] },
  }),
  "environment.remove": operation({
    summary: "Remove a Python environment, or all that are unused.",
    description: "An environment that a process runs in stays. What was removed is built again when it is needed.",
    input: z.object({
      digest: z.string().optional().describe("The environment, by the beginning of its digest."),
      allUnused: z.boolean().default(false).describe("Every environment that was not used lately."),
      olderThan: age,
      yes,
    }),
    output: freedOutput,
    errors: ["cli/usage", "cli/needs-answer", "environment/not-found", "environment/in-use", "files/no-permission"],
    invalidates: ["environments"],
    isLong: false,
    needsProject: false,
    cli: {
      path: "env remove",
      group: "machine",
      positionals: ["digest"],
      short: { yes: "y" },
      valueNames: { olderThan: "AGE" },
      examples: ["signalbox env remove 3f2a --yes", "signalbox env remove --all-unused --yes"],
    },
  }),
  "environment.collect": operation({
    summary: "Free disk space: cache, environments, old runs' files. Shows first what it would free.",
    description:
      "Of a run only the jobs' output files go, once its model is in MLflow and the run is neither production nor recent; its records, logs and ledger entries stay.",
    input: z.object({ yes, olderThan: age }),
    output: freedOutput,
    errors: ["environment/in-use", "files/no-permission", "files/io", "catalogue/corrupt", "catalogue/newer-version"],
    invalidates: ["environments", "runs", "operations"],
    isLong: false,
    needsProject: false,
    cli: {
      path: "gc",
      group: "machine",
      short: { yes: "y" },
      valueNames: { olderThan: "AGE" },
      examples: ["signalbox gc", "signalbox gc --older-than 7d --yes"],
    },
  }),
  "environment.check": operation({
    summary: "Check this machine and project: what is wrong and how to mend it.",
    input: z.object({}),
    output: z.object({ checks: z.array(checkSchema), problems: z.number(), warnings: z.number() }),
    errors: [],
    provides: ["environments", "project"],
    isLong: false,
    needsProject: false,
    cli: { path: "doctor", group: "start" },
    exitCode: (output) => (output.problems > 0 ? 4 : 0),
  }),
} as const;
