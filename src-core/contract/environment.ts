import * as z from "zod";
import { durationSchema } from "./duration.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";

const environmentSchema = z.object({
  /** Name of its folder: the sha256 of locks, groups, Python minor and platform. */
  digest: z.string(),
  groups: z.array(z.string()),
  python: z.string(),
  folder: z.string(),
  sizeBytes: z.number(),
  madeAt: z.string(),
  /** Precise to the hour; null if it was never recorded. */
  lastUsedAt: z.string().nullable(),
  /** It was made from the locks of this version of Signalbox. */
  isCurrent: z.boolean(),
  /** A process uses it now. */
  isInUse: z.boolean(),
});
export type ListedEnvironment = z.output<typeof environmentSchema>;

const age = durationSchema.default("30d").describe("Minimum time since the last use: 30d, 12h, 1s");

const yes = z.boolean().default(false).describe("Apply the changes instead of only showing them");

const freedSchema = z.object({
  kind: z.enum(["environment", "node", "cache", "run", "operation"]),
  path: z.string(),
  sizeBytes: z.number(),
  /** Why it can be removed, or why it is kept. */
  reason: z.string(),
  state: z.enum(["to free", "freed", "kept"]),
});
export type Freed = z.output<typeof freedSchema>;

const freedOutput = z.object({
  items: z.array(freedSchema),
  /** Size of what was or would be freed. */
  totalBytes: z.number(),
  isDone: z.boolean(),
});

/** What a check found. */
export const checkSchema = z.object({
  name: z.string(),
  state: z.enum(["ok", "warning", "problem"]),
  found: z.string(),
  /** How to fix it, in words; null if nothing is wrong. */
  fix: z.string().nullable(),
  /** The same as steps, if an operation or a program can do it. */
  actions: z.array(nextStepSchema),
});
export type Check = z.output<typeof checkSchema>;

export const environmentOperations = {
  "environment.list": operation({
    summary: "List the Python environments for training",
    input: z.object({}),
    output: z.object({ folder: z.string(), environments: z.array(environmentSchema) }),
    errors: ["files/io", "files/no-permission"],
    provides: ["environments"],
    isLong: false,
    needsProject: false,
    cli: { path: "env list", group: "machine" },
  }),
  "environment.add": operation({
    summary: "Install a group of optional Python packages",
    description:
      "Builds a new environment from the locks; existing environments never change. The groups are lightgbm and xgboost; dev and dvc are for the checks of Signalbox's own repository.",
    input: z.object({ group: z.string().describe("Group to install: lightgbm or xgboost") }),
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
    summary: "Remove a Python environment, or all unused ones",
    description: "Keeps environments that a process is using. A removed environment is rebuilt when it is needed.",
    input: z.object({
      digest: z.string().optional().describe("Digest of the environment, or its beginning"),
      allUnused: z.boolean().default(false).describe("Remove every environment that wasn't used recently"),
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
    summary: "Remove unused caches, environments and files of old runs",
    description:
      "Shows what it would remove, and removes it only if you confirm. Of a run, only the output files of its jobs are removed, and only if the model is in MLflow and the run is neither production nor recent. Its records, logs and ledger entries are kept.",
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
    summary: "Check this machine and project, and show how to fix problems",
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
