import { AppError } from "../../contract/errors.ts";
import type { LedgerEntry } from "../../contract/ledger.ts";
import type { LineageNode } from "../../contract/lineage.ts";
import type { LineageFacts } from "./facts.ts";
import { entryId, type Lineage, modelId, runNodeId } from "./graph.ts";
import { newest } from "./walk.ts";

export interface SubjectRequest {
  readonly facts: LineageFacts;
  readonly graph: Lineage;
  /** The subject as the user wrote it. */
  readonly text: string;
  /** Digest of the file with that name; null if there is none. */
  readonly file: { readonly path: string; readonly sha256: string | null } | null;
}

/**
 * Finds the node of a subject: the id of a node, decision:N, split:N, NAME/3, NAME@champion, a run, a file, or the beginning of a digest.
 * @throws lineage/not-found
 */
export function subjectOf(request: SubjectRequest): LineageNode {
  const { graph, text } = request;
  const byId = (id: string | undefined) => graph.nodes.find((node) => node.id === id);
  const found =
    byId(text) ??
    byId(entryNamed(text)) ??
    splitNamed(graph, text) ??
    byId(modelNamed(request)) ??
    byId(runNamed(request)) ??
    fileNamed(request) ??
    digestNamed(graph, text);
  if (found !== undefined) return found;
  throw new AppError({
    code: "lineage/not-found",
    message: `Nothing in this project's history is called '${text}'.`,
    hint: "Use a run (latest, #3), a model version (NAME/3, NAME@champion), a data file, the beginning of a sha256, split:1 or decision:2.",
    details: { subject: text },
  });
}

function entryNamed(text: string): string | undefined {
  const index = /^(?:decision|override|rollback):(\d+)$/.exec(text)?.[1];
  return index === undefined ? undefined : entryId(Number(index));
}

/** If a split version was used for several tables, the latest is meant. */
function splitNamed({ nodes }: Lineage, text: string): LineageNode | undefined {
  const version = /^split:v?(\d+)$/.exec(text)?.[1];
  return version === undefined ? undefined : newest(nodes.filter((node) => node.id.startsWith(`split:${version}:`)));
}

function modelNamed({ facts, text }: SubjectRequest): string | undefined {
  const alias = /^(.+)@(champion)$/.exec(text);
  if (alias !== null) {
    const version = productionOf(facts.entries, alias[1] ?? "");
    return version === null ? undefined : modelId(alias[1] ?? "", version);
  }
  const versioned = /^(.+)\/v?(\d+)$/.exec(text);
  return versioned === null ? undefined : modelId(versioned[1] ?? "", versioned[2] ?? "");
}

/** Finds the version that is in production according to the last entry about a model. */
function productionOf(entries: readonly LedgerEntry[], name: string): string | null {
  const last = entries.findLast((entry) => entry.body.modelName === name);
  if (last === undefined) return null;
  return last.kind === "decision" ? last.body.alias.after : last.body.toVersion;
}

function runNamed({ facts, text }: SubjectRequest): string | undefined {
  const runs = facts.runs;
  const newestRun = runs.reduce<(typeof runs)[number] | undefined>(
    (best, run) => ((run.number ?? -1) >= (best?.number ?? -1) ? run : best),
    undefined,
  );
  if (text === "latest") return newestRun === undefined ? undefined : runNodeId(newestRun.runId);
  const number = /^#?(\d{1,9})$/.exec(text)?.[1];
  const matching = runs.filter((run) =>
    number !== undefined && run.number === Number(number) ? true : text.length >= 4 && run.runId.startsWith(text),
  );
  const [only] = matching;
  return only !== undefined && matching.length === 1 ? runNodeId(only.runId) : undefined;
}

/** A path means its current content; if that has no history, the last content that has. */
function fileNamed({ graph, file }: SubjectRequest): LineageNode | undefined {
  if (file === null) return undefined;
  const present = graph.nodes.find((node) => node.digest !== null && node.digest === file.sha256);
  return present ?? newest(graph.nodes.filter((node) => node.path === file.path));
}

function digestNamed({ nodes }: Lineage, text: string): LineageNode | undefined {
  if (!/^[0-9a-f]{6,64}$/.test(text)) return undefined;
  const matching = nodes.filter((node) => node.digest?.startsWith(text) === true);
  return matching.length === 1 ? matching[0] : undefined;
}
