import { z } from "zod";
import { taskSchema } from "./configs/project-config.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";
import { workingFolder } from "./working-folder.ts";

const columnList = z.array(z.string().min(1)).min(1);

export const projectsOperations = {
  "projects.init": operation({
    summary: "Make a project from a table, or unpack a sample project",
    description:
      "Reads the table (Parquet, CSV, JSONL), infers its data contract, proposes a split, features, a model and a gate, and writes them as commented version-1 files. " +
      "Columns that look like the target's consequence are left out of the features and named. Where only you can decide, it says which decision is missing and writes nothing.",
    input: z.strictObject({
      dir: z.string().min(1).describe("Folder of the new project; it must not exist or be empty"),
      sample: z.string().min(1).optional().describe("Unpack this sample project"),
      table: z.string().min(1).optional().describe("The table to begin with"),
      target: z.string().min(1).optional().describe("The column to predict"),
      key: columnList.optional().describe("Columns that together identify a row"),
      group: columnList.optional().describe("Columns whose values must not be on both sides of the split"),
      time: z.string().min(1).optional().describe("The time column: train on the past, test on what came later"),
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-'")
        .optional()
        .describe("Name of the project; the folder's name if not given"),
      task: taskSchema.optional().describe("What kind of target it is, where it can't be told from its values"),
      acceptDuplicates: z
        .boolean()
        .default(false)
        .describe("Accept rows that are equal in every column but the key on both sides of the split"),
      git: z.boolean().default(true).describe("Make the project a git repository"),
      workingFolder,
    }),
    output: z.object({
      /** Absolute. */
      dir: z.string(),
      name: z.string(),
      rows: z.number().nullable(),
      /** What was decided, and why. */
      decisions: z.array(z.object({ topic: z.string(), choice: z.string(), reason: z.string() })),
      /** Columns that are no features, and why. */
      leftOut: z.array(z.object({ column: z.string(), reason: z.string() })),
      /** Relative to the project. */
      files: z.array(z.string()),
      git: z.object({
        mode: z.enum(["own repository", "existing repository", "none"]),
        commit: z.string().nullable(),
        note: z.string(),
        /** What is left to do where nothing was committed. */
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
      },
      examples: [
        "signalbox init flights --sample flights",
        "signalbox init shops --table sales.csv --target revenue --key shop,day --group shop --time day",
      ],
    },
  }),
} as const;
