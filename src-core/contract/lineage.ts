import { z } from "zod";
import { operation } from "./operation.ts";
import { workingFolder } from "./working-folder.ts";

export const lineageNodeKinds = [
  "master",
  "config",
  "split",
  "train",
  "reference",
  "optional",
  "run",
  "model",
  "decision",
  "rollback",
  "override",
] as const;

export const lineageNodeSchema = z.object({
  id: z.string(),
  kind: z.enum(lineageNodeKinds),
  label: z.string(),
  /** sha256 of a file, a configuration or a model, hash of a ledger entry; null for a run. */
  digest: z.string().nullable(),
  /** Milliseconds since 1970, where it is known when it came to be. */
  time: z.number().nullable(),
  /** Project-relative, of files. */
  path: z.string().nullable(),
});
export type LineageNode = z.output<typeof lineageNodeSchema>;

/** Relations of W3C PROV-DM (https://www.w3.org/TR/prov-dm/). Runs and ledger entries are its activities, everything else its entities. */
const lineageRelations = ["wasDerivedFrom", "used", "wasGeneratedBy", "wasInformedBy"] as const;

export const lineageEdgeSchema = z.object({
  /** What came first. */
  source: z.string(),
  /** What came of it. Read as PROV does, against the flow: `target` wasDerivedFrom `source`. */
  target: z.string(),
  kind: z.enum(lineageRelations),
  /** The part the source played: "candidate", "production", "training". */
  role: z.string().nullable(),
});
export type LineageEdge = z.output<typeof lineageEdgeSchema>;

export const lineageOperations = {
  "lineage.show": operation({
    summary: "Where something comes from and what came of it: table, split, run, model version, decision.",
    description:
      "SUBJECT is a run (id, its beginning, #<number>, latest), a model version (NAME/3, NAME@champion), a data file or the beginning of its " +
      "sha256, a split version (split:1) or an entry of the ledger (decision:2). Relations are those of W3C PROV-DM; an edge points from what " +
      "came first to what came of it.",
    input: z.object({
      subject: z
        .string()
        .min(1)
        .default("latest")
        .describe("A run, model version, data file, digest, split:N or decision:N."),
      format: z.enum(["tree", "json", "dot", "mermaid"]).default("tree").describe("dot is Graphviz's language."),
      direction: z
        .enum(["up", "down", "both"])
        .default("both")
        .describe("up: where it comes from; down: what came of it."),
      workingFolder,
    }),
    output: z.object({
      subject: z.string(),
      format: z.enum(["tree", "json", "dot", "mermaid"]),
      direction: z.enum(["up", "down", "both"]),
      nodes: z.array(lineageNodeSchema),
      edges: z.array(lineageEdgeSchema),
      /** The graph in the language asked for; null for tree and json, which a face renders itself. */
      text: z.string().nullable(),
    }),
    errors: ["lineage/not-found", "ledger/broken", "runs/interrupted", "projects/not-found"],
    provides: ["runs", "models", "decisions", "data", "splits", "configs"],
    workingFolder: "workingFolder",
    isLong: false,
    needsProject: true,
    cli: {
      path: "lineage show",
      group: "runs",
      positionals: ["subject"],
      hidden: ["workingFolder"],
      valueNames: { subject: "SUBJECT", format: "FORMAT", direction: "WAY" },
      short: { format: "f" },
      examples: [
        "signalbox lineage show latest",
        "signalbox lineage show flights_model@champion --direction up",
        "signalbox lineage show decision:2 --format mermaid",
      ],
    },
  }),
} as const;
