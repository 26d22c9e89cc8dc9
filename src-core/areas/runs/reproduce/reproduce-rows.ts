import { counted } from "../../../../src-view/numbers.ts";
import type { OperationOutput } from "../../../contract/index.ts";

export type ReproducedRow = OperationOutput<"runs.reproduce">["rows"][number];

/** A compared pair of values, before the difference is judged. */
export interface Pair {
  readonly kind: string;
  readonly name: string;
  readonly original: string | null;
  readonly again: string | null;
  /** Why a difference here means nothing; null if it counts. */
  readonly excuse?: string | null;
  readonly note?: string | null;
}

/** Judges a pair: equal strings are equal bit for bit, and a difference counts unless it has an excuse. */
export function judged(pair: Pair): ReproducedRow {
  const { kind, name, original, again, excuse = null, note = null } = pair;
  if (original === again && original !== null) return { kind, name, original, again, outcome: "equal", note };
  const outcome = excuse === null ? "different" : "not comparable";
  return { kind, name, original, again, outcome, note: excuse ?? note };
}

/** Renders a double as a unique string, also for −0. Null is "not measured". */
export function exact(value: number | null | undefined): string | null {
  if (value === undefined) return null;
  if (value === null) return "not measured";
  return Object.is(value, -0) ? "-0" : String(value);
}

export function outcomeOf(
  rows: readonly ReproducedRow[],
): Pick<OperationOutput<"runs.reproduce">, "outcome" | "reason"> {
  const of = (outcome: ReproducedRow["outcome"]) => rows.filter((row) => row.outcome === outcome);
  const [different, foreign] = [of("different"), of("not comparable")];
  const named = (list: readonly ReproducedRow[]) =>
    `${list
      .slice(0, 3)
      .map((row) => `${row.kind} ${row.name}`)
      .join(", ")}${list.length > 3 ? ` and ${list.length - 3} more` : ""}`;
  if (different.length > 0)
    return { outcome: "different", reason: `${different.length} of ${rows.length} differ: ${named(different)}.` };
  if (foreign.length > 0)
    return {
      outcome: "not comparable",
      reason: `Nothing comparable differs, but ${foreign.length} of ${counted(rows.length, "value")} can't be compared: ${named(foreign)} (${foreign[0]?.note ?? "no reason"}).`,
    };
  return { outcome: "reproduced", reason: `All ${rows.length} digests and figures are the same, bit for bit.` };
}
