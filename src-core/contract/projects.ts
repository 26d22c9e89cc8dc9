import * as z from "zod";
import { taskSchema } from "./configs/project-config.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";
import { name } from "./schema-parts.ts";
import { workingFolder } from "./working-folder.ts";

const namesSchema = z.object({
  /** Null if the project had none. */
  id: z.string().nullable(),
  name: z.string(),
  experiment: z.string(),
  registeredModel: z.string(),
});

const columnList = z.array(z.string().min(1)).min(1);

export const projectsOperations = {
  "projects.init": operation({
    summary: "Create a project from a table, or unpack a sample project",
    description:
      "Reads the table (Parquet, CSV, JSONL), infers its data contract, proposes a split, features, a model and a gate, and writes them as commented files of version 1. " +
      "Columns that look like consequences of the target are reported and excluded from the features. If a decision is missing that only you can make, it is reported and nothing is written.",
    input: z.strictObject({
      dir: z.string().min(1).describe("Folder of the new project; it must be empty or not exist yet"),
      sample: z.string().min(1).optional().describe("Name of a sample project to unpack"),
      table: z.string().min(1).optional().describe("Table to start from"),
      target: z.string().min(1).optional().describe("Column to predict"),
      key: columnList.optional().describe("Columns that together identify a row"),
      group: columnList.optional().describe("Columns whose values must not be on both sides of the split"),
      time: z
        .string()
        .min(1)
        .optional()
        .describe("Column of times or whole years; trains on the past and tests on later rows"),
      name: name.optional().describe("Name of the project; the name of the folder by default"),
      task: taskSchema.optional().describe("Kind of target, if it can't be inferred from the values"),
      targetMarkers: z
        .enum(["class", "missing"])
        .optional()
        .describe("Whether strings such as NA, none or - in a target of classes are classes or missing values"),
      positive: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Class whose probability a binary model predicts, if it isn't the one that says yes or the rarer one",
        ),
      acceptDuplicates: z
        .boolean()
        .default(false)
        .describe("Accept rows on both sides of the split that differ only in the key"),
      git: z.boolean().default(true).describe("Create a git repository for the project"),
      workingFolder,
    }),
    output: z.object({
      /** Absolute. */
      dir: z.string(),
      name: z.string(),
      rows: z.number().nullable(),
      /** The decisions and their reasons. */
      decisions: z.array(z.object({ topic: z.string(), choice: z.string(), reason: z.string() })),
      /** What was changed or skipped in reading the table: renamed columns, lines before the header. */
      warnings: z.array(z.string()),
      /** Columns that aren't features, and the reasons. */
      leftOut: z.array(z.object({ column: z.string(), reason: z.string() })),
      /** Relative to the project. */
      files: z.array(z.string()),
      git: z.object({
        mode: z.enum(["own repository", "existing repository", "none"]),
        commit: z.string().nullable(),
        note: z.string(),
        /** What is left to do if nothing was committed. */
        actions: z.array(nextStepSchema),
      }),
      actions: z.array(nextStepSchema),
      /** `actions` as commands. */
      next: z.array(z.string()),
    }),
    errors: [
      "projects/exists",
      "projects/invalid",
      "projects/undecided",
      "projects/table-unreadable",
      "projects/git-failed",
      "splits/out-of-memory",
      "versioning/inside-ignored",
      "files/not-found",
      "files/no-permission",
      "files/disk-full",
      "files/io",
    ],
    invalidates: ["project", "configs", "data"],
    paths: ["dir", "table"],
    workingFolder: "workingFolder",
    isLong: false,
    needsProject: false,
    cli: {
      path: "init",
      group: "start",
      positionals: ["dir"],
      hidden: ["workingFolder"],
      valueNames: {
        dir: "DIR",
        sample: "NAME",
        table: "FILE",
        target: "COLUMN",
        key: "A,B",
        group: "COLUMN",
        time: "COLUMN",
        name: "NAME",
        task: "TASK",
        targetMarkers: "MEANING",
        positive: "VALUE",
      },
      examples: [
        "signalbox init flights --sample flights",
        "signalbox init shops --table sales.csv --target revenue --key shop,day --group shop --time day",
      ],
    },
  }),
  "projects.fork": operation({
    summary: "Make this copy a project of its own, with a new id and new names",
    description:
      "A clone or a copy of a project is the same project: it shares experiment, registered model and production on a server, and must have the same ledger. " +
      "This draws another id into signalbox.yaml and changes the names of project, experiment and registered model, so that its next run decides about models of its own. " +
      "Data, git history, the ledger so far and the server stay shared. Only signalbox.yaml is changed, and its comments are kept. " +
      "A project whose signalbox.yaml has no id gets one and keeps its names.",
    input: z.strictObject({
      name: name
        .optional()
        .describe(
          "New name of the project; by default that of the folder or, if that is the same, the old one with a suffix",
        ),
    }),
    output: z.object({
      /** Absolute. */
      dir: z.string(),
      /** The changed file, relative to the project. */
      file: z.string(),
      before: namesSchema,
      after: namesSchema,
      /** What both projects continue to use. */
      shared: z.array(z.string()),
      /** What this project has alone from now on. */
      own: z.array(z.string()),
      actions: z.array(nextStepSchema),
      /** `actions` as commands. */
      next: z.array(z.string()),
    }),
    errors: [
      "projects/not-found",
      "projects/earlier-version",
      "projects/invalid",
      "runs/active",
      "configs/syntax",
      "configs/unknown-key",
      "configs/invalid-value",
      "files/no-permission",
      "files/disk-full",
      "files/io",
    ],
    invalidates: ["project", "configs"],
    isLong: false,
    // It also repairs a project that can't be used without an id.
    needsProject: false,
    cli: {
      path: "projects fork",
      group: "start",
      valueNames: { name: "NAME" },
      examples: ["signalbox projects fork", "signalbox projects fork --name shops-north"],
    },
  }),
} as const;
