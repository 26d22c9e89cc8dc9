import type {
  EvaluateResult,
  GateResult,
  GateRow,
  Measured,
  SideFact,
  SplitResult,
  TrainResult,
  Versioned,
  VersionResult,
} from "../../../contract/runs/stage-results.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { exact, judged, type Pair, type ReproducedRow } from "./reproduce-rows.ts";

/** Results of an execution of a run, of the stages that are repeated. */
export interface Execution {
  readonly split: SplitResult;
  readonly version: VersionResult | undefined;
  readonly train: TrainResult;
  readonly evaluate: EvaluateResult;
  /** Undefined if the run has no decision or its evidence no longer exists. */
  readonly gate: GateResult | undefined;
  /** What wrote the files of the split (format of the writer, DuckDB), if the manifest says so. */
  readonly writer: string | null;
  readonly environment: { readonly lock: string; readonly pythonMinor: string };
}

/** Why parts of the two can't be compared, in words; null if they can. */
interface Excuses {
  readonly environment: string | null;
  readonly writer: string | null;
  /** Why the gate can't decide again. */
  readonly gate: string | null;
}

/** Compares all digests and metrics of two executions of a run, in the order of the pipeline. */
export function compareExecutions(
  original: Execution,
  again: Execution,
  why: { readonly noGate: string | null },
): readonly ReproducedRow[] {
  const excuses = { ...excusesOf(original, again), gate: why.noGate };
  const pairs = [
    ...environmentPairs(original, again, excuses),
    ...dataPairs(original, again, excuses),
    ...dvcPairs(original.version, again.version, excuses),
    modelPair(original.train, again.train, excuses),
    ...evaluationPairs(original, again, excuses),
    ...gatePairs(original.gate, again.gate, excuses),
  ];
  return pairs.map(judged);
}

/** The digest of the lock covers the locks, the Python minor, and the platform with its CPU architecture. */
function excusesOf(original: Execution, again: Execution): Omit<Excuses, "gate"> {
  const [was, is] = [original.environment, again.environment];
  const python = was.pythonMinor === is.pythonMinor ? "" : ` (Python ${was.pythonMinor} then, ${is.pythonMinor} now)`;
  const isSameWriter = original.writer === null || original.writer === again.writer;
  return {
    environment: was.lock === is.lock ? null : `made under another environment lock or CPU architecture${python}`,
    writer: isSameWriter
      ? null
      : `written by ${original.writer}, now ${again.writer}: the row digest is what can be compared`,
  };
}

function environmentPairs(original: Execution, again: Execution, { environment }: Excuses): readonly Pair[] {
  const [was, is] = [original.environment, again.environment];
  return [
    { kind: "environment", name: "lock", original: was.lock, again: is.lock, excuse: environment },
    { kind: "environment", name: "python", original: was.pythonMinor, again: is.pythonMinor, excuse: environment },
  ];
}

function dataPairs(original: Execution, again: Execution, { writer }: Excuses): readonly Pair[] {
  const sides = ({ split }: Execution) =>
    new Map<string, SideFact>([
      ["train", split.train],
      ["reference", split.reference],
      ...split.optional.map((side) => [side.name, side] as const),
    ]);
  const [was, is] = [sides(original), sides(again)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return [
    { kind: "file", name: "master", original: original.split.masterSha256, again: again.split.masterSha256 },
    ...names.flatMap((name) => [
      {
        kind: "file",
        name,
        original: was.get(name)?.sha256 ?? null,
        again: is.get(name)?.sha256 ?? null,
        excuse: writer,
      },
      {
        kind: "row digest",
        name,
        original: was.get(name)?.rowDigest ?? null,
        again: is.get(name)?.rowDigest ?? null,
      },
    ]),
    {
      kind: "manifest",
      name: "split",
      original: original.split.manifest.sha256,
      again: again.split.manifest.sha256,
      excuse: writer,
    },
  ];
}

function dvcPairs(
  original: VersionResult | undefined,
  again: VersionResult | undefined,
  { writer }: Excuses,
): readonly Pair[] {
  if (original === undefined || again === undefined) return [];
  const all = (it: VersionResult): readonly Versioned[] => [...it.master, it.split, it.reference];
  const hashes = new Map(all(again).map((one) => [one.path, one.hash]));
  const masters = new Set(original.master.map((one) => one.path));
  return all(original).map(({ path: name, hash }) => ({
    kind: "DVC digest",
    name,
    original: hash,
    again: hashes.get(name) ?? null,
    excuse: masters.has(name) ? null : writer,
  }));
}

/** Raw bytes contain memory addresses and times, so only the canonical form can be equal. */
function modelPair(original: TrainResult, again: TrainResult, { environment }: Excuses): Pair {
  const varying = again.canonicalNote ?? original.canonicalNote;
  return {
    kind: "model",
    name: "canonical files",
    original: original.canonicalDigest,
    again: again.canonicalDigest,
    excuse: environment ?? varying,
    note: varying,
  };
}

function evaluationPairs(original: Execution, again: Execution, { environment: excuse }: Excuses): readonly Pair[] {
  const sets = [...new Set([...original.evaluate.sets, ...again.evaluate.sets].map((set) => set.name))];
  const find = ({ evaluate }: Execution, name: string) => evaluate.sets.find((set) => set.name === name);
  const training = names(original.train.metrics, again.train.metrics);
  return [
    ...sets.map((name) => ({
      kind: "prediction file",
      name,
      original: find(original, name)?.predictions.sha256 ?? null,
      again: find(again, name)?.predictions.sha256 ?? null,
      excuse,
    })),
    ...training.map((name) => ({
      kind: "metric",
      name,
      original: exact(original.train.metrics[name]),
      again: exact(again.train.metrics[name]),
      excuse,
    })),
    ...sets.flatMap((set) => {
      const [was, is] = [find(original, set)?.metrics ?? {}, find(again, set)?.metrics ?? {}];
      return names(was, is).map((name) => ({
        kind: "metric",
        name: `${set}_${name}`,
        original: figure(was[name]),
        again: figure(is[name]),
        excuse,
      }));
    }),
  ];
}

/** Renders a metric with its interval. The resamples depend on the seed of the run, so the bounds must be equal too. */
function figure(measured: Measured | undefined): string | null {
  if (measured === undefined) return null;
  const value = exact(measured.value);
  if (measured.low === null || measured.high === null) return value;
  return `${value} [${exact(measured.low)}, ${exact(measured.high)}]`;
}

function gatePairs(original: GateResult | undefined, again: GateResult | undefined, excuses: Excuses): readonly Pair[] {
  if (original === undefined) return [];
  const excuse = excuses.gate ?? excuses.environment;
  const [was, is] = [rowsByName(original), rowsByName(again)];
  return [
    { kind: "gate row", name: "verdict", original: original.verdict, again: again?.verdict ?? null, excuse },
    { kind: "gate row", name: "hash", original: original.gateHash, again: again?.gateHash ?? null, excuse },
    ...[...new Set([...was.keys(), ...is.keys()])].map((name) => ({
      kind: "gate row",
      name,
      ...gateRowTexts(was.get(name), is.get(name)),
      // Another writer makes other checks, which this row lists.
      excuse: excuse ?? (name === "validity leakage" ? excuses.writer : null),
    })),
  ];
}

/** Names the rows of a gate by role and metric. Two guardrails may have the same metric, so the later ones also get a number. */
function rowsByName(gate: GateResult | undefined): ReadonlyMap<string, GateRow> {
  const rows = new Map<string, GateRow>();
  const counts = new Map<string, number>();
  for (const row of gate?.rows ?? []) {
    const name = `${row.role} ${row.metric}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    rows.set(count === 1 ? name : `${name} (${count})`, row);
  }
  return rows;
}

/** Renders two rows: the outcome if they are equal, else the keys that differ. */
function gateRowTexts(original: GateRow | undefined, again: GateRow | undefined): Pick<Pair, "original" | "again"> {
  const whole = (row: GateRow | undefined) => (row === undefined ? null : canonicalJson(row));
  if (original === undefined || again === undefined) return { original: whole(original), again: whole(again) };
  const [was, is] = [
    new Map<string, unknown>(Object.entries(original)),
    new Map<string, unknown>(Object.entries(again)),
  ];
  // A key that a later version added isn't in the record, which isn't a difference.
  const members = [...was.keys()].filter((key) => jsonOf(was.get(key)) !== jsonOf(is.get(key)));
  if (members.length === 0) return { original: original.outcome, again: again.outcome };
  const texts = (row: ReadonlyMap<string, unknown>) =>
    members.map((key) => `${key} ${typeof row.get(key) === "string" ? row.get(key) : jsonOf(row.get(key))}`).join(", ");
  const [wasTexts, isTexts] = [texts(was), texts(is)];
  // The string "7" and the number 7 look the same.
  if (wasTexts === isTexts) return { original: whole(original), again: whole(again) };
  return { original: wasTexts, again: isTexts };
}

/** Normalises a value as the record does, where minus zero is zero. */
function jsonOf(value: unknown): string {
  return value === undefined ? "undefined" : canonicalJson(value);
}

function names(...records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
}
