import type { LedgerEntry } from "../../contract/ledger.ts";
import { type LineageEdge, type LineageNode, lineageNodeKinds } from "../../contract/lineage.ts";
import type { ConfigFacts, LineageFacts, RunFacts } from "./facts.ts";

/**
 * Builds the history of a project as a graph: master table → split → its sides → run → model version → decision, with the configurations
 * of each, the production that a candidate was compared with, and rollbacks and overrides. The relations are those of W3C PROV-DM. Equal facts
 * give the same graph, in the same order.
 */
export interface Lineage {
  readonly nodes: readonly LineageNode[];
  /** Edges from the source to the result. */
  readonly edges: readonly LineageEdge[];
}

export const modelId = (name: string, version: string): string => `model:${name}/${version}`;
export const runNodeId = (runId: string): string => `run:${runId}`;
export const entryId = (index: number): string => `decision:${index}`;

export function graphOf({ runs, entries }: LineageFacts): Lineage {
  const draft = new Draft();
  const byId = new Map(runs.map((run) => [run.runId, run]));
  for (const run of runs) addRun(draft, run);
  for (const run of runs) addMembers(draft, run, byId);
  for (const entry of entries) addEntry(draft, entry);
  return draft.graph();
}

/** Nodes by id (later facts only add what the first ones didn't have), and edges without duplicates. */
class Draft {
  readonly #nodes = new Map<string, LineageNode>();
  readonly #edges = new Map<string, LineageEdge>();

  node(id: string, it: Omit<LineageNode, "id" | "digest" | "time" | "path"> & Partial<LineageNode>): string {
    const known = this.#nodes.get(id);
    const { digest = null, time = null, path = null } = it;
    this.#nodes.set(id, {
      id,
      kind: known?.kind ?? it.kind,
      label: known?.label ?? it.label,
      digest: known?.digest ?? digest,
      time: earlier(known?.time ?? null, time),
      path: known?.path ?? path,
    });
    return id;
  }

  edge(source: string, target: string, it: Pick<LineageEdge, "kind"> & { readonly role?: string }): void {
    const edge = { source, target, kind: it.kind, role: it.role ?? null };
    this.#edges.set(JSON.stringify([source, target, edge.kind, edge.role]), edge);
  }

  graph(): Lineage {
    const order = (node: LineageNode) => lineageNodeKinds.indexOf(node.kind);
    const nodes = [...this.#nodes.values()].sort(
      (a, b) => order(a) - order(b) || (a.time ?? 0) - (b.time ?? 0) || compare(a.id, b.id),
    );
    const edges = [...this.#edges.entries()].sort(([a], [b]) => compare(a, b)).map(([, edge]) => edge);
    return { nodes, edges };
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

function addRun(draft: Draft, run: RunFacts): void {
  const time = run.startedAt;
  const id = draft.node(runNodeId(run.runId), {
    kind: "run",
    label: `${run.number === null ? "run" : `run #${run.number}`} ${run.runId.slice(0, 8)}`,
    time,
  });
  const configs = new Map(run.configs.map((config) => [config.kind, addConfig(draft, config)]));
  for (const [kind, config] of configs) {
    if (kind !== "data_contract" && kind !== "split") draft.edge(config, id, { kind: "used", role: kind });
  }
  const split = addSplit(draft, run, [configs.get("data_contract"), configs.get("split")]);
  const side = (
    it: { readonly sha256: string; readonly path: string | null },
    role: "train" | "reference" | "optional",
    name: string,
  ) => {
    const file = draft.node(`file:${it.sha256}`, { kind: role, label: name, digest: it.sha256, path: it.path, time });
    if (split !== null) draft.edge(split, file, { kind: "wasDerivedFrom" });
    draft.edge(file, id, { kind: "used", role: role === "train" ? "training" : "evaluation" });
  };
  if (run.train !== null) side(run.train, "train", "train side");
  for (const test of run.tests) {
    const isReference = test.name === "reference";
    side(test, isReference ? "reference" : "optional", isReference ? "reference test" : `test ${test.name}`);
  }
  for (const { name, version, digest } of run.models) {
    const model = draft.node(modelId(name, version), { kind: "model", label: `${name} v${version}`, digest, time });
    draft.edge(id, model, { kind: "wasGeneratedBy" });
  }
  if (run.modelDigest !== null) {
    const model = draft.node(`model:${run.modelDigest}`, {
      kind: "model",
      label: "model without a version",
      digest: run.modelDigest,
      time,
    });
    draft.edge(id, model, { kind: "wasGeneratedBy" });
  }
}

/** Adds the models that a composite contains, from the runs that made them. */
function addMembers(draft: Draft, run: RunFacts, byId: ReadonlyMap<string, RunFacts>): void {
  for (const { runId, role } of run.members) {
    const [model] = byId.get(runId)?.models ?? [];
    const source =
      model === undefined
        ? draft.node(runNodeId(runId), { kind: "run", label: `run ${runId.slice(0, 8)}` })
        : modelId(model.name, model.version);
    draft.edge(source, runNodeId(run.runId), { kind: "used", role: `${role.replaceAll("_", " ")} member` });
  }
}

/** Adds the split of a table under a version; null if the run stopped before it. */
function addSplit(draft: Draft, run: RunFacts, under: readonly (string | undefined)[]): string | null {
  if (run.master === null || run.splitVersion === null) return null;
  const master = draft.node(`file:${run.master.sha256}`, {
    kind: "master",
    label: "master table",
    digest: run.master.sha256,
    path: run.master.path,
    time: run.startedAt,
  });
  const made = run.manifest ?? `master-${run.master.sha256}`;
  const split = draft.node(`split:${run.splitVersion}:${made.slice(0, 23)}`, {
    kind: "split",
    label: `split v${run.splitVersion}`,
    digest: run.manifest,
    path: `data/splits/v${run.splitVersion}`,
    time: run.startedAt,
  });
  draft.edge(master, split, { kind: "wasDerivedFrom" });
  for (const config of under) if (config !== undefined) draft.edge(config, split, { kind: "wasDerivedFrom" });
  return split;
}

const folders = { data_contract: "data_contracts", split: "splits", feature: "features", model: "models" } as const;

function addConfig(draft: Draft, { kind, version, digest, path }: ConfigFacts): string {
  const file =
    kind === "promotion" ? (path ?? "configs/promotion.yaml") : `configs/${folders[kind]}/v${version ?? "?"}.yaml`;
  const name = kind === "data_contract" ? "data contract" : `${kind} schema`;
  return draft.node(`config:${kind}:${digest.slice(0, 16)}`, {
    kind: "config",
    label: kind === "promotion" ? "gate" : `${name} v${version ?? "?"}`,
    digest,
    path: file,
  });
}

function addEntry(draft: Draft, entry: LedgerEntry): void {
  const { index, hash, at } = entry;
  const id = draft.node(entryId(index), {
    kind: entry.kind,
    label: labelOf(entry),
    digest: hash,
    time: Date.parse(at),
  });
  const use = (name: string, version: string | null, role: string) => {
    if (version === null) return;
    const model = draft.node(modelId(name, version), { kind: "model", label: `${name} v${version}` });
    draft.edge(model, id, { kind: "used", role });
  };
  if (entry.kind === "decision") {
    const { modelName, candidate, production, configs } = entry.body;
    use(modelName, candidate.version, "candidate");
    use(modelName, production?.version ?? null, "production");
    const gate = addConfig(draft, { kind: "promotion", version: null, digest: configs.promotion });
    draft.edge(gate, id, { kind: "used", role: "gate" });
    return;
  }
  const { modelName, fromVersion, toVersion, decisionIndex } = entry.body;
  use(modelName, toVersion, "promoted");
  use(modelName, fromVersion === toVersion ? null : fromVersion, "replaced");
  if (decisionIndex !== null) draft.edge(entryId(decisionIndex), id, { kind: "wasInformedBy" });
}

function labelOf(entry: LedgerEntry): string {
  if (entry.kind === "decision") return `decision ${entry.index}: ${entry.body.verdict}`;
  return `${entry.kind} ${entry.index}: to v${entry.body.toVersion}`;
}
