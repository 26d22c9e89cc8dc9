import type { MetricName } from "../../contract/evaluation/metrics.ts";
import { probabilityFloor, probabilityOf } from "./class-metrics.ts";
import { at, className, type ScoredRows } from "./scored-rows.ts";

/** Names that a note spells out before it only counts the others. */
const maxNames = 5;

/** Metrics that ask one class against the others; of a binary task, all but these ask about the positive class alone. */
const overAllClasses: ReadonlySet<MetricName> = new Set(["log_loss", "accuracy", "brier"]);
const oneAgainstOthers: ReadonlySet<MetricName> = new Set(["roc_auc", "pr_auc"]);

/** The classes that have a row, in the order of their indexes. */
export function presentClasses(rows: ScoredRows): readonly number[] {
  return [...new Set(rows.target)].toSorted((a, b) => a - b);
}

/** What a reader must know of a class metric's value on these rows, or null: rows of unknown classes, clipping, classes without a row. */
export function classNote(metric: MetricName, rows: ScoredRows): string | null {
  if (rows.task === "regression") return null;
  const asksPositive = rows.task === "binary" && !overAllClasses.has(metric);
  const parts = [
    unknownNote(rows, asksPositive ? "count as not positive" : "count as errors"),
    metric === "log_loss" ? clippedNote(rows) : null,
    rows.task === "multiclass" && oneAgainstOthers.has(metric) ? absentNote(rows) : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join("; ");
}

/** "3 rows of a class that training never met (extreme) count as errors", or null if the model knows all classes of the rows. */
export function unknownNote(rows: ScoredRows, consequence = "count as errors"): string | null {
  const unknown = new Set(rows.unknownClasses ?? []);
  if (unknown.size === 0) return null;
  const classes = presentClasses(rows).filter((k) => unknown.has(k));
  if (classes.length === 0) return null;
  const count = rows.target.reduce((sum, k) => sum + (unknown.has(k) ? 1 : 0), 0);
  const what = classes.length === 1 ? "a class" : `${classes.length} classes`;
  const verb = count === 1 ? consequence.replace(/^count /, "counts ").replace(/errors$/, "an error") : consequence;
  return `${counted(count, "row")} of ${what} that training never met (${named(rows, classes)}) ${verb}`;
}

function clippedNote(rows: ScoredRows): string | null {
  let count = 0;
  for (let i = 0; i < rows.target.length; i++)
    if (probabilityOf(rows, i, at(rows.target, i)) < probabilityFloor) count += 1;
  if (count === 0) return null;
  return `${counted(count, "row")} whose true class got a probability below 1e−15 ${count === 1 ? "counts" : "count"} with 1e−15`;
}

function absentNote(rows: ScoredRows): string | null {
  const present = new Set(presentClasses(rows));
  const absent = Array.from({ length: rows.classCount }, (_, k) => k).filter((k) => !present.has(k));
  if (absent.length === 0) return null;
  const noun = absent.length === 1 ? "class" : "classes";
  return `mean over the ${present.size} of ${rows.classCount} classes that have rows; without any: ${noun} ${named(rows, absent)}`;
}

function named(rows: ScoredRows, classes: readonly number[]): string {
  const names = classes.slice(0, maxNames).map((k) => className(rows, k));
  return classes.length > maxNames ? `${names.join(", ")} and ${classes.length - maxNames} more` : names.join(", ");
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
