import * as z from "zod";
import { type ConfigKind, configKinds } from "./configs/config-kinds.ts";
import { nextStepSchema } from "./next-step-schema.ts";
import { operation } from "./operation.ts";

const kindSchema = z.enum(Object.keys(configKinds) as [ConfigKind, ...ConfigKind[]]);
const versionNumber = z.int().min(0);

const configVersionSchema = z.object({
  kind: kindSchema,
  version: versionNumber,
  /** Relative to the project, POSIX. */
  path: z.string(),
  /** sha256 (hex) of the file's bytes; null if the file of a frozen version is missing. */
  digest: z.string().nullable(),
  isActive: z.boolean(),
  isAllowed: z.boolean(),
  /** A run has used it, so its file must not change. */
  isFrozen: z.boolean(),
  /** It is frozen, but its file differs from what the run used. */
  isChanged: z.boolean(),
  firstRunId: z.string().nullable(),
});

export const configsOperations = {
  "configs.list": operation({
    summary: "List all versions of the configurations, and which are active or frozen",
    input: z.strictObject({ kind: kindSchema.optional().describe("Only versions of this kind") }),
    output: z.object({
      versions: z.array(configVersionSchema),
      actions: z.array(nextStepSchema).describe("Steps that keep an edit of a frozen version and restore it"),
    }),
    errors: [
      "projects/not-found",
      "configs/not-found",
      "configs/syntax",
      "configs/unknown-key",
      "configs/invalid-value",
    ],
    provides: ["configs"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "configs list",
      group: "data",
      positionals: ["kind"],
      valueNames: { kind: "KIND" },
      examples: ["signalbox configs list", "signalbox configs list split"],
    },
  }),
  "configs.show": operation({
    summary: "Show a version of a configuration, checked against its schema",
    input: z.strictObject({
      kind: kindSchema.describe("Kind of configuration: data_contract, split, feature or model"),
      version: versionNumber.optional().describe("Version to show; the active one by default"),
    }),
    output: configVersionSchema.extend({
      /** The text of the file. */
      text: z.string(),
      /** The parsed configuration, with defaults. */
      value: z.record(z.string(), z.unknown()),
    }),
    errors: [
      "projects/not-found",
      "configs/not-found",
      "configs/version-not-found",
      "configs/syntax",
      "configs/unknown-key",
      "configs/invalid-value",
      "configs/unknown-schema-version",
      "files/no-permission",
      "files/io",
    ],
    provides: ["configs"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "configs show",
      group: "data",
      positionals: ["kind", "version"],
      valueNames: { kind: "KIND", version: "VERSION" },
      examples: ["signalbox configs show split 1"],
    },
  }),
  "configs.diff": operation({
    summary: "Compare two versions of a configuration key by key",
    input: z.strictObject({
      kind: kindSchema.describe("Kind of configuration: data_contract, split, feature or model"),
      from: versionNumber.describe("Older version of the comparison"),
      to: versionNumber.describe("Newer version of the comparison"),
    }),
    output: z.object({
      kind: kindSchema,
      from: versionNumber,
      to: versionNumber,
      changes: z.array(
        z.object({
          path: z.string(),
          change: z.enum(["added", "removed", "changed"]),
          before: z.string().nullable(),
          after: z.string().nullable(),
        }),
      ),
    }),
    errors: [
      "projects/not-found",
      "configs/version-not-found",
      "configs/syntax",
      "configs/unknown-key",
      "configs/invalid-value",
      "configs/unknown-schema-version",
      "files/no-permission",
      "files/io",
    ],
    provides: ["configs"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "configs diff",
      group: "data",
      positionals: ["kind", "from", "to"],
      valueNames: { kind: "KIND", from: "A", to: "B" },
      examples: ["signalbox configs diff feature 1 2"],
    },
  }),
} as const;
