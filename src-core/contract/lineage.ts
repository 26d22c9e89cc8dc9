import * as z from "zod";
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
  /** The sha256 of a file, a configuration or a model, or the hash of a ledger entry; null for a run. */
  digest: z.string().nullable(),
  /** When it was created, in milliseconds since 1970, if known. */
  time: z.number().nullable(),
  /** Path of a file, relative to the project. */
  path: z.string().nullable(),
});
export type LineageNode = z.output<typeof lineageNodeSchema>;

/** Relations of W3C PROV-DM (https://www.w3.org/TR/prov-dm/). Runs and ledger entries are activities; everything else is an entity. */
const lineageRelations = ["wasDerivedFrom", "used", "wasGeneratedBy", "wasInformedBy"] as const;

export const lineageEdgeSchema = z.object({
  /** The earlier one. */
  source: z.string(),
  /** What resulted from it. PROV reads against the flow: `target` wasDerivedFrom `source`. */
  target: z.string(),
  kind: z.enum(lineageRelations),
  /** The role of the source: "candidate", "production", "training". */
  role: z.string().nullable(),
});
export type LineageEdge = z.output<typeof lineageEdgeSchema>;

export const lineageOperations = {
  "lineage.show": operation({
    summary: "Show where something comes from and what was made from it",
    description:
      "SUBJECT is a run (id, its beginning, #<number>, latest), a model version (NAME/3, NAME@champion), a data file or the beginning of its " +
      "sha256, a split version (split:1) or an entry of the ledger (decision:2). The relations are those of W3C PROV-DM. An edge points from " +
      "the source to the result.",
    input: z.object({
      subject: z
        .string()
        .min(1)
        .default("latest")
        .describe("A run, model version, data file, digest, split:N or decision:N"),
      format: z
        .enum(["tree", "json", "dot", "mermaid"])
        .default("tree")
        .describe("Format of the output; dot is for Graphviz"),
      direction: z
        .enum(["up", "down", "both"])
        .default("both")
        .describe("Direction: up shows where it comes from, down what was made from it"),
      workingFolder,
    }),
    output: z.object({
      subject: z.string(),
      format: z.enum(["tree", "json", "dot", "mermaid"]),
      direction: z.enum(["up", "down", "both"]),
      nodes: z.array(lineageNodeSchema),
      edges: z.array(lineageEdgeSchema),
      /** The graph in the requested language; null for tree and json, which each face renders. */
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
