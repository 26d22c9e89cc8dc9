import * as z from "zod";
import { dataAlone } from "./locks.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";

const paths = z.array(z.string().min(1)).describe("Files or folders below the project");
const remote = z.string().min(1).optional().describe("Name of the DVC remote; the default remote if not given");

const outputFact = z.object({
  path: z.string(),
  dvcFile: z.string(),
  hash: z.string(),
  sizeBytes: z.number(),
  files: z.number(),
});

const outputStatusSchema = z.enum(["unchanged", "modified", "deleted", "not in cache", "new"]);

const restored = z.object({ path: z.string(), added: z.number(), replaced: z.number(), deleted: z.number() });

const readErrors = [
  "versioning/not-initialised",
  "versioning/invalid-file",
  "files/no-permission",
  "files/io",
] as const;
const writeErrors = [...readErrors, "files/not-found", "files/disk-full", "internal/cancelled"] as const;
const objectErrors = ["versioning/object-missing", "versioning/object-corrupt", "versioning/not-tracked"] as const;
const remoteErrors = ["versioning/no-remote", "versioning/remote-unsupported", "versioning/dvc-failed"] as const;

export const versioningOperations = {
  "data.add": operation({
    summary: "Put files or folders under version control",
    description:
      "Copies the content to the DVC cache and writes a .dvc file next to each path, like `dvc add`. Adding a path again records its changes, if there are any.",
    input: z.object({ paths: paths.min(1) }),
    output: z.object({ outputs: z.array(outputFact.extend({ isChanged: z.boolean() })) }),
    errors: [
      ...writeErrors,
      "versioning/inside-ignored",
      "versioning/overlap",
      "versioning/tracked-by-git",
      "versioning/changed-while-reading",
      "splits/reference-changed",
      "projects/git-failed",
    ],
    invalidates: ["data"],
    locks: dataAlone,
    isLong: true,
    needsProject: true,
    cli: {
      path: "data add",
      group: "data",
      positionals: ["paths"],
      valueNames: { paths: "PATH" },
      examples: ["signalbox data add data/images"],
    },
  }),
  "data.status": operation({
    summary: "Compare versioned files with their recorded state",
    description:
      "Shows one line per output of each .dvc file and dvc.lock: unchanged, modified, deleted, not in cache (it can't be restored here) or new (nothing is recorded yet).",
    input: z.object({ paths: paths.default([]) }),
    output: z.object({
      outputs: z.array(
        z.object({
          path: z.string(),
          dvcFile: z.string(),
          status: outputStatusSchema,
          hash: z.string().nullable(),
          sizeBytes: z.number().nullable(),
        }),
      ),
      isClean: z.boolean(),
      hint: z.string().nullable().describe("What to do where no step does it"),
      actions: z.array(nextStepSchema).describe("Possible next steps"),
      nextSteps: z.array(z.string()).describe("The same steps as commands"),
    }),
    errors: [...readErrors, "versioning/not-tracked", "versioning/object-corrupt", "versioning/changed-while-reading"],
    provides: ["data"],
    isLong: false,
    needsProject: false,
    cli: { path: "data status", group: "data", positionals: ["paths"], valueNames: { paths: "PATH" } },
  }),
  "data.checkout": operation({
    summary: "Restore versioned files from the cache",
    description:
      "Restores files and folders to the state in their .dvc files. Changes that aren't in the cache are overwritten only if you force it.",
    input: z.object({
      paths: paths.default([]),
      force: z.boolean().default(false).describe("Overwrite changes that were never versioned"),
    }),
    output: z.object({ outputs: z.array(restored) }),
    errors: [...writeErrors, ...objectErrors, "versioning/would-overwrite"],
    invalidates: ["data"],
    locks: dataAlone,
    isLong: true,
    needsProject: true,
    cli: { path: "data checkout", group: "data", positionals: ["paths"], valueNames: { paths: "PATH" } },
  }),
  "data.push": operation({
    summary: "Send versioned content to a DVC remote",
    input: z.object({ paths: paths.default([]), remote }),
    output: z.object({ remote: z.string(), objects: z.number().nullable(), bytes: z.number().nullable() }),
    errors: [...writeErrors, ...objectErrors, ...remoteErrors],
    locks: dataAlone,
    withoutSubject: "It copies to a remote what is recorded here already.",
    isLong: true,
    needsProject: true,
    cli: { path: "data push", group: "data", positionals: ["paths"], valueNames: { paths: "PATH", remote: "NAME" } },
  }),
  "data.pull": operation({
    summary: "Fetch versioned content from a DVC remote and restore the files",
    input: z.object({
      paths: paths.default([]),
      remote,
      force: z.boolean().default(false).describe("Overwrite changes that were never versioned"),
    }),
    output: z.object({
      remote: z.string(),
      objects: z.number().nullable(),
      bytes: z.number().nullable(),
      outputs: z.array(restored),
    }),
    errors: [...writeErrors, ...objectErrors, ...remoteErrors, "versioning/would-overwrite"],
    invalidates: ["data"],
    locks: dataAlone,
    isLong: true,
    needsProject: true,
    cli: { path: "data pull", group: "data", positionals: ["paths"], valueNames: { paths: "PATH", remote: "NAME" } },
  }),
} as const;
