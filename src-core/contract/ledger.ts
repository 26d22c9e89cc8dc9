import * as z from "zod";
import { promotionConfigSchema } from "./configs/promotion-config.ts";
import { operation } from "./operation.ts";
import { gateRowSchema, verdictSchema } from "./runs/stage-results.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "a sha256 in hex");

const versionDigestSchema = z.object({ version: z.number(), digest: sha256Schema });

/** A model at the time of the decision. `version` is null if it isn't registered. */
const modelSideSchema = z.object({
  version: z.string().nullable(),
  runId: z.string(),
  modelDigest: sha256Schema,
  /** The sha256 of the per-row predictions, by test. */
  predictions: z.record(z.string(), sha256Schema),
});

/** What was compared, by which digests, under which gate, with all figures. */
export const decisionBodySchema = z.object({
  runId: z.string(),
  modelName: z.string(),
  candidate: modelSideSchema,
  production: modelSideSchema.nullable(),
  data: z.object({
    masterSha256: sha256Schema,
    trainSha256: sha256Schema,
    /** By test, including "reference". */
    tests: z.record(z.string(), sha256Schema),
    /** The md5 in DVC's form, by name: master, split, reference. */
    dvc: z.record(z.string(), z.string()),
  }),
  configs: z.object({
    dataContract: versionDigestSchema,
    split: versionDigestSchema,
    feature: versionDigestSchema,
    model: versionDigestSchema,
    promotion: sha256Schema,
  }),
  gateHash: sha256Schema,
  gate: promotionConfigSchema,
  rule: z.enum(["bootstrap", "point"]),
  rows: z.array(gateRowSchema),
  n: z.number(),
  clusters: z.number().nullable(),
  clusterBy: z.array(z.string()),
  minimumDetectable: z.number().nullable(),
  extraUnitsNeeded: z.number().nullable(),
  /** The class whose probability the figures of two classes are about. Absent for other tasks. */
  positiveClass: z.string().optional(),
  verdict: verdictSchema,
  reason: z.string(),
  /** The run was an experiment of a training plan: nothing is promoted, whatever the verdict. Absent for other runs. */
  isExperiment: z.literal(true).optional(),
  /** The version of the alias before and after; equal if the decision didn't move it. */
  alias: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
  /** How often the reference test had been read at the decision, including this evaluation. */
  referenceReads: z.number(),
});
export type DecisionBody = z.output<typeof decisionBodySchema>;

/** A person moved the alias: back to an older version, or against the gate's verdict. */
export const aliasMoveBodySchema = z.object({
  runId: z.string(),
  modelName: z.string(),
  /** Null if no version had the alias. */
  fromVersion: z.string().nullable(),
  toVersion: z.string(),
  reason: z.string().min(1),
  /** The entry that this one overrides or reverts. */
  decisionIndex: z.number().nullable(),
});
export type AliasMoveBody = z.output<typeof aliasMoveBodySchema>;

const chainShape = {
  /** Counts from 1, without gaps. */
  index: z.int().min(1),
  /** Hash of the previous entry; 64 zeros for the first. */
  previous: sha256Schema,
  /** ISO 8601 in UTC. */
  at: z.string(),
  actor: z.string(),
  /** The sha256 of the entry's canonical JSON without this key. */
  hash: sha256Schema,
};

export const ledgerEntrySchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...chainShape, kind: z.literal("decision"), body: decisionBodySchema }),
  z.strictObject({ ...chainShape, kind: z.literal("rollback"), body: aliasMoveBodySchema }),
  z.strictObject({ ...chainShape, kind: z.literal("override"), body: aliasMoveBodySchema }),
]);
export type LedgerEntry = z.output<typeof ledgerEntrySchema>;

/** What an area passes to the ledger, which adds index, previous hash, time and hash. */
export type NewLedgerEntry =
  | { readonly kind: "decision"; readonly actor: string; readonly body: DecisionBody }
  | { readonly kind: "rollback" | "override"; readonly actor: string; readonly body: AliasMoveBody };

/** The last entry, as recorded outside the ledger's file. */
export const ledgerHeadSchema = z.object({ entries: z.number(), hash: z.string() });
export type LedgerHead = z.output<typeof ledgerHeadSchema>;

export const ledgerSummarySchema = z.object({
  index: z.number(),
  at: z.string(),
  actor: z.string(),
  kind: z.enum(["decision", "rollback", "override"]),
  runId: z.string(),
  modelName: z.string(),
  /** Version of the candidate, or the version that the alias moved to. */
  modelVersion: z.string().nullable(),
  verdict: verdictSchema.nullable(),
  /** A decision on an experiment, which is never promoted. */
  isExperiment: z.boolean(),
  reason: z.string(),
  hash: z.string(),
});
export type LedgerSummary = z.output<typeof ledgerSummarySchema>;

export const ledgerOperations = {
  "ledger.list": operation({
    summary: "List the entries of the ledger, newest first",
    input: z.object({
      limit: z.int().min(1).optional().describe("Maximum number of entries; all by default"),
      model: z.string().optional().describe("Only entries about this registered model"),
    }),
    output: z.object({ entries: z.array(ledgerSummarySchema), total: z.number() }),
    errors: ["ledger/broken", "ledger/truncated", "projects/not-found"],
    provides: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger list", group: "runs", short: { limit: "n" } },
  }),
  "ledger.show": operation({
    summary: "Show an entry of the ledger, with the figures behind the decision",
    input: z.object({ index: z.int().min(1).describe("Number of the entry, from 1") }),
    output: z.object({ entry: ledgerEntrySchema }),
    errors: ["ledger/not-found", "ledger/broken", "ledger/truncated", "projects/not-found"],
    provides: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger show", group: "runs", positionals: ["index"], examples: ["signalbox ledger show 1"] },
  }),
  "ledger.verify": operation({
    summary: "Verify the ledger: every byte, every link, and its length",
    description:
      "Reads all of ledger/decisions.jsonl and reports every changed entry, broken link and missing tail with its " +
      "place. Compares the length and the last entry with the catalogue, and with the runs in MLflow if the server responds. " +
      "Compares the log of reads of the reference tests with what the entries counted.",
    input: z.object({}),
    output: z.object({
      entries: z.number(),
      head: z.string().nullable(),
      file: z.string(),
      notice: z.string().nullable(),
      /** What confirmed that no entry is missing at the end. */
      witnesses: z.array(z.string()),
    }),
    errors: [
      "ledger/broken",
      "ledger/truncated",
      "ledger/reads-lost",
      "ledger/reads-conflict",
      "ledger/other-head",
      "projects/not-found",
    ],
    provides: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger verify", group: "runs" },
  }),
  "ledger.restore": operation({
    summary: "Restore a ledger that was cut or changed, from the copy of its entries",
    description:
      "The catalogue keeps a copy of every entry. Writes the file from it if the copy is a complete chain that ends where the ledger ended, and keeps the file as it was. Changes nothing if the ledger is in order, or if the file has an entry that another copy of the project decided.",
    input: z.object({}),
    output: z.object({
      entries: z.number(),
      restored: z.number().describe("Entries that the file didn't have, or had otherwise"),
      file: z.string(),
      aside: z.string().nullable().describe("Where the file as it was is kept"),
    }),
    errors: ["ledger/other-head", "ledger/truncated", "files/io", "files/no-permission", "projects/not-found"],
    invalidates: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger restore", group: "runs" },
  }),
  "ledger.export": operation({
    summary: "Verify the ledger and write it to a file",
    input: z.object({
      output: z.string().min(1).describe("File to write; it must not exist"),
      format: z
        .enum(["json", "jsonl", "csv"])
        .default("json")
        .describe("Format of the file; jsonl keeps the bytes of the ledger"),
    }),
    output: z.object({ file: z.string(), entries: z.number(), format: z.enum(["json", "jsonl", "csv"]) }),
    errors: ["ledger/broken", "ledger/truncated", "files/io", "files/no-permission", "cli/usage", "projects/not-found"],
    provides: ["ledger"],
    paths: ["output"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger export", group: "runs", valueNames: { output: "FILE" }, short: { output: "o" } },
  }),
} as const;
