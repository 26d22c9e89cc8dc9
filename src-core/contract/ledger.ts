import { z } from "zod";
import { promotionConfigSchema } from "./configs/promotion-config.ts";
import { operation } from "./operation.ts";
import { gateRowSchema, verdictSchema } from "./runs/stage-results.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "a sha256 in hex");

const versionDigestSchema = z.object({ version: z.number(), digest: sha256Schema });

/** A model as a decision saw it. `version` is null for one that isn't registered. */
const modelSideSchema = z.object({
  version: z.string().nullable(),
  runId: z.string(),
  modelDigest: sha256Schema,
  /** By test: sha256 of the per-row predictions. */
  predictions: z.record(z.string(), sha256Schema),
});

/** What was compared, on which digests, under which gate, with every figure. */
export const decisionBodySchema = z.object({
  runId: z.string(),
  modelName: z.string(),
  candidate: modelSideSchema,
  production: modelSideSchema.nullable(),
  data: z.object({
    masterSha256: sha256Schema,
    trainSha256: sha256Schema,
    /** By test, "reference" among them. */
    tests: z.record(z.string(), sha256Schema),
    /** md5 as DVC writes it, by name: master, split, reference. */
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
  verdict: verdictSchema,
  reason: z.string(),
  /** The version that the alias named before and after; equal where the decision moved nothing. */
  alias: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
  /** How often the reference test had been read when this was decided, this evaluation included. */
  referenceReads: z.number(),
});
export type DecisionBody = z.output<typeof decisionBodySchema>;

/** The alias was moved by a person: back to an older version, or against the gate's verdict. */
export const aliasMoveBodySchema = z.object({
  runId: z.string(),
  modelName: z.string(),
  /** Null: no version held the alias. */
  fromVersion: z.string().nullable(),
  toVersion: z.string(),
  reason: z.string().min(1),
  /** The entry that this one overrides or undoes. */
  decisionIndex: z.number().nullable(),
});
export type AliasMoveBody = z.output<typeof aliasMoveBodySchema>;

const chainShape = {
  /** From 1, without gaps. */
  index: z.int().min(1),
  /** Hash of the entry before; 64 zeros before the first. */
  previous: sha256Schema,
  /** ISO 8601 in UTC. */
  at: z.string(),
  actor: z.string(),
  /** sha256 of the entry's canonical JSON without this member. */
  hash: sha256Schema,
};

export const ledgerEntrySchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...chainShape, kind: z.literal("decision"), body: decisionBodySchema }),
  z.strictObject({ ...chainShape, kind: z.literal("rollback"), body: aliasMoveBodySchema }),
  z.strictObject({ ...chainShape, kind: z.literal("override"), body: aliasMoveBodySchema }),
]);
export type LedgerEntry = z.output<typeof ledgerEntrySchema>;

/** What an area hands to the ledger; index, previous hash, time and hash are the ledger's. */
export type NewLedgerEntry =
  | { readonly kind: "decision"; readonly actor: string; readonly body: DecisionBody }
  | { readonly kind: "rollback" | "override"; readonly actor: string; readonly body: AliasMoveBody };

/** The last entry that a place outside the file knows of. */
export const ledgerHeadSchema = z.object({ entries: z.number(), hash: z.string() });
export type LedgerHead = z.output<typeof ledgerHeadSchema>;

export const ledgerSummarySchema = z.object({
  index: z.number(),
  at: z.string(),
  actor: z.string(),
  kind: z.enum(["decision", "rollback", "override"]),
  runId: z.string(),
  modelName: z.string(),
  /** The version it is about: the candidate's, or the one the alias moved to. */
  modelVersion: z.string().nullable(),
  verdict: verdictSchema.nullable(),
  reason: z.string(),
  hash: z.string(),
});
export type LedgerSummary = z.output<typeof ledgerSummarySchema>;

export const ledgerOperations = {
  "ledger.list": operation({
    summary: "List the entries of the ledger, newest first",
    input: z.object({
      limit: z.int().min(1).optional().describe("How many at most; all when absent."),
      model: z.string().optional().describe("Only entries about this registered model."),
    }),
    output: z.object({ entries: z.array(ledgerSummarySchema), total: z.number() }),
    errors: ["ledger/broken", "ledger/truncated", "projects/not-found"],
    provides: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger list", group: "runs", short: { limit: "n" } },
  }),
  "ledger.show": operation({
    summary: "Show one entry of the ledger with every figure it was decided on",
    input: z.object({ index: z.int().min(1).describe("The entry's number, from 1.") }),
    output: z.object({ entry: ledgerEntrySchema }),
    errors: ["ledger/not-found", "ledger/broken", "ledger/truncated", "projects/not-found"],
    provides: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger show", group: "runs", positionals: ["index"], examples: ["signalbox ledger show 1"] },
  }),
  "ledger.verify": operation({
    summary: "Check the ledger's chain: every byte, every link, and that no entry is missing at its end",
    description:
      "Reads ledger/decisions.jsonl from its first byte. A changed entry, a broken link and a cut tail are each named with " +
      "their place. Length and last entry are compared with what the catalogue remembers, and MLflow's runs where their server answers.",
    input: z.object({}),
    output: z.object({
      entries: z.number(),
      head: z.string().nullable(),
      file: z.string(),
      notice: z.string().nullable(),
      /** Who confirmed that no entry is missing at the end. */
      witnesses: z.array(z.string()),
    }),
    errors: ["ledger/broken", "ledger/truncated", "projects/not-found"],
    provides: ["ledger"],
    isLong: false,
    needsProject: true,
    cli: { path: "ledger verify", group: "runs" },
  }),
  "ledger.export": operation({
    summary: "Write the ledger to a file, verified first",
    input: z.object({
      output: z.string().min(1).describe("File to write; an existing one is refused."),
      format: z.enum(["json", "jsonl", "csv"]).default("json").describe("jsonl keeps the ledger's own bytes."),
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
