import * as z from "zod";
import { dataRead } from "./locks.ts";
import { operation } from "./operation.ts";
import { splitCheckSchema } from "./runs/stage-results.ts";

const partSchema = z.object({
  part: z.string(),
  path: z.string(),
  rows: z.number(),
  sizeBytes: z.number(),
  sha256: z.string(),
  rowDigest: z.string(),
});

export const splitReportSchema = z.object({
  splitVersion: z.number(),
  dataContractVersion: z.number(),
  strategy: z.string(),
  salt: z.string(),
  decidedBy: z.array(z.string()),
  duckdb: z.string(),
  master: z.object({ path: z.string(), sha256: z.string(), rows: z.number() }),
  parts: z.array(partSchema),
  /** Number of rows of the master table by what happened to them. */
  rowCounts: z.record(z.string(), z.number()),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  checks: z.array(splitCheckSchema),
  warnings: z.array(z.string()),
  /** How often the reference test was read. */
  referenceReads: z.number(),
});
export type SplitReport = z.output<typeof splitReportSchema>;

/** Up to the largest number that the name of a version's file can have. */
const version = z.int().min(0).max(999_999_999).optional().describe("Version to show; the active one by default");

export const splitsOperations = {
  "splits.show": operation({
    summary: "Show a split: its sides, excluded rows and checks",
    description: "Reads the manifest of a split version, by default of the active one. Computes nothing.",
    input: z.object({ version }),
    output: splitReportSchema,
    errors: ["splits/not-found", "projects/not-found", "configs/not-found", "configs/version-not-found"],
    provides: ["splits"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "splits show",
      group: "data",
      positionals: ["version"],
      valueNames: { version: "VERSION" },
      examples: ["signalbox splits show", "signalbox splits show 2"],
    },
  }),
  "splits.check": operation({
    summary: "Check the data contract and try the split without keeping the result",
    description:
      "Runs the split stage on the current table (contract, sides, leakage checks) in a private folder, which is removed afterwards.",
    input: z.object({
      splitVersion: version,
      dataContractVersion: version,
      featureVersion: version,
    }),
    output: splitReportSchema,
    errors: [
      "splits/master-missing",
      "splits/master-unreadable",
      "splits/contract-violated",
      "splits/leakage",
      "splits/empty-side",
      "splits/group-straddles",
      "splits/reference-changed",
      "splits/reference-missing",
      "splits/invalid-key",
      "splits/empty-stratum",
      "splits/sql-refused",
      "splits/out-of-memory",
      "configs/inconsistent",
      "configs/version-not-found",
      "files/disk-full",
      "files/no-permission",
    ],
    provides: ["splits"],
    locks: dataRead,
    isLong: true,
    needsProject: true,
    cli: {
      path: "splits check",
      group: "data",
      valueNames: { splitVersion: "N", dataContractVersion: "N", featureVersion: "N" },
      examples: ["signalbox splits check", "signalbox splits check --split-version 2"],
    },
  }),
} as const;
