import type { Task } from "../../../contract/configs/project-config.ts";
import { type Clusters, clustersOf } from "../../../foundation/compute/clusters.ts";
import type { ScoredRows } from "../../../foundation/compute/scored-rows.ts";

/** The scored test of one side, read from its predictions file. */
export interface KeyedRows {
  /** Primary key of each row as one unique string. */
  readonly keys: readonly string[];
  readonly target: Float64Array;
  /** `width` values per row; NaN is a missing prediction. */
  readonly prediction: Float64Array;
  /** Classes that the rows have and neither model knows, with their numbers of rows. */
  readonly unseenClasses?: Readonly<Record<string, number>>;
  /** The cluster (group) of each row, if the split has groups. */
  readonly clusters?: readonly string[];
}

/** Both sides on the same rows, in the order of the candidate. */
export interface JoinedRows {
  readonly candidate: ScoredRows;
  /** Null for a first model. */
  readonly production: ScoredRows | null;
  readonly clusters: Clusters | null;
  /** Rows of either side, by the union of keys. */
  readonly rowsAsked: number;
  readonly onlyCandidate: number;
  readonly onlyProduction: number;
  /** Matched rows that are excluded because a side has no prediction (or no target) for them. */
  readonly withoutPrediction: number;
  /** Classes of those rows that neither model knows, with their numbers of rows. */
  readonly unseenClasses?: Readonly<Record<string, number>>;
  /** Matched rows whose targets differ, so it isn't the same test. */
  readonly targetMismatches: number;
}

export interface JoinRequest {
  readonly task: Task;
  readonly classCount: number;
  /** By index, for the reasons of what can't be measured. */
  readonly classNames?: readonly string[];
  readonly candidate: KeyedRows;
  readonly production: KeyedRows | null;
}

/** Pairs rows by key and counts those without a partner. @throws RangeError if a side has a key twice */
export function joinByKey({ task, classCount, classNames = [], candidate, production }: JoinRequest): JoinedRows {
  const width = task === "multiclass" ? classCount : 1;
  const other = production === null ? null : rowByKey(production.keys);
  if (rowByKey(candidate.keys).size !== candidate.keys.length) throw new RangeError("A key stands twice.");
  const kept: { readonly own: number; readonly theirs: number }[] = [];
  let onlyCandidate = 0;
  let withoutPrediction = 0;
  let targetMismatches = 0;
  for (const [own, key] of candidate.keys.entries()) {
    const theirs = other === null ? own : other.get(key);
    if (theirs === undefined) onlyCandidate += 1;
    else if (!isComplete(candidate, own, width) || (production !== null && !isComplete(production, theirs, width)))
      withoutPrediction += 1;
    else {
      if (production !== null && candidate.target[own] !== production.target[theirs]) targetMismatches += 1;
      kept.push({ own, theirs });
    }
  }
  const matched = candidate.keys.length - onlyCandidate;
  const onlyProduction = production === null ? 0 : production.keys.length - matched;
  const side = (rows: KeyedRows, pick: (pair: { own: number; theirs: number }) => number): ScoredRows => ({
    task,
    classCount,
    classNames,
    target: Float64Array.from(kept, (pair) => rows.target[pick(pair)] as number),
    prediction: pickRows(rows.prediction, width, kept.map(pick)),
  });
  return {
    candidate: side(candidate, (pair) => pair.own),
    production: production === null ? null : side(production, (pair) => pair.theirs),
    clusters: clustersOf(candidate.clusters && kept.map(({ own }) => candidate.clusters?.[own] ?? "")),
    rowsAsked: candidate.keys.length + onlyProduction,
    onlyCandidate,
    onlyProduction,
    withoutPrediction,
    ...(candidate.unseenClasses === undefined ? {} : { unseenClasses: candidate.unseenClasses }),
    targetMismatches,
  };
}

function rowByKey(keys: readonly string[]): ReadonlyMap<string, number> {
  const rows = new Map(keys.map((key, row) => [key, row]));
  if (rows.size !== keys.length) throw new RangeError("A key stands twice.");
  return rows;
}

function isComplete(rows: KeyedRows, row: number, width: number): boolean {
  if (!Number.isFinite(rows.target[row])) return false;
  for (let k = 0; k < width; k++) if (!Number.isFinite(rows.prediction[row * width + k])) return false;
  return true;
}

function pickRows(values: Float64Array, width: number, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * width);
  for (const [at, row] of rows.entries()) out.set(values.subarray(row * width, (row + 1) * width), at * width);
  return out;
}
