import { counted } from "../../../../src-view/numbers.ts";
import { AppError } from "../../../contract/errors.ts";
import { isMissingTextSql, missingTexts } from "../../../foundation/duck/missing-texts.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, isOneOf } from "../../../foundation/duck/quote.ts";

/** A string as it is in the table, without spaces around it, and the number of its rows. */
export interface CountedText {
  readonly text: string;
  readonly rows: number;
}

/** What the user said of such strings in a target of classes. */
export type TargetMarkers = "class" | "missing";

export interface DecidedMarkers {
  readonly missing: readonly CountedText[];
  readonly classes: readonly CountedText[];
  /** Why those are classes. */
  readonly reason: string;
}

/** Strings of a column that may mean "no value", the most frequent first. */
export async function markersOf(duck: Duck, column: string, relation: string): Promise<readonly CountedText[]> {
  const text = `trim(${identifier(column)}::VARCHAR)`;
  const rows = await duck.rows(
    `SELECT ${text} AS text, count(*) AS rows FROM ${relation}
     WHERE ${isOneOf(`lower(${text})`, missingTexts)} GROUP BY 1 ORDER BY 2 DESC, 1`,
  );
  return rows.map((row) => ({ text: String(row.text), rows: count(row.rows) }));
}

interface ClassTarget {
  readonly column: string;
  readonly markers: readonly CountedText[];
  readonly kind: "csv" | "jsonl" | "parquet";
  readonly relation: string;
  /** Every column of the table. */
  readonly columns: readonly string[];
  readonly answer: TargetMarkers | undefined;
}

/**
 * Decides whether such strings are classes of the target. A format with nulls has them for missing values; a CSV file has empty fields,
 * if its exporter leaves them empty. A string as frequent as a class is one.
 * @throws projects/undecided where the table doesn't say
 */
export async function decideClassMarkers(duck: Duck, target: ClassTarget): Promise<DecidedMarkers> {
  const { markers, answer, kind } = target;
  if (answer === "missing") return { missing: markers, classes: [], reason: "" };
  if (answer === "class") return { missing: [], classes: markers, reason: "as given" };
  if (kind !== "csv") {
    return {
      missing: [],
      classes: markers,
      reason: `${kind === "parquet" ? "Parquet" : "JSON"} has null for no value`,
    };
  }
  const others = await otherClasses(duck, target);
  // One string in every row, or as good as no two rows alike: no target, whatever the strings mean.
  if (others.classes === 0 && markers.length === 1) return { missing: markers, classes: [], reason: "" };
  if (others.classes > 0 && others.classes > others.rows / 2) return { missing: [], classes: [], reason: "" };
  if (await hasEmptyFields(duck, target)) {
    return { missing: [], classes: markers, reason: "the file has empty fields for no value" };
  }
  const rarest = others.classes > 0 ? others.rarest : (markers[0]?.rows ?? 0);
  const undecided = markers.filter(({ rows }) => rows < rarest);
  if (undecided.length > 0) throw question(target, undecided);
  return { missing: [], classes: markers, reason: "as frequent as other classes" };
}

async function otherClasses(
  duck: Duck,
  { column, relation }: ClassTarget,
): Promise<{ readonly classes: number; readonly rows: number; readonly rarest: number }> {
  const text = `trim(${identifier(column)}::VARCHAR)`;
  const row = await duck.row(
    `SELECT count(*) AS classes, coalesce(sum(n), 0)::BIGINT AS rows, coalesce(min(n), 0) AS rarest
     FROM (SELECT count(*) AS n FROM ${relation} WHERE NOT ${isMissingTextSql(text)} GROUP BY ${text})`,
  );
  return { classes: count(row.classes), rows: count(row.rows), rarest: count(row.rarest) };
}

async function hasEmptyFields(duck: Duck, { columns, relation }: ClassTarget): Promise<boolean> {
  const isEmpty = columns.map((name) => `count(${identifier(name)}) < count(*)`).join(" OR ");
  return (await duck.row(`SELECT ${isEmpty} AS found FROM ${relation}`)).found === true;
}

function question({ column }: ClassTarget, markers: readonly CountedText[]): AppError {
  const choices: readonly TargetMarkers[] = ["missing", "class"];
  const one = markers.length === 1;
  return new AppError({
    code: "projects/undecided",
    message: `${one ? "Is" : "Are"} ${listed(markers)} in the target \`${column}\` ${one ? "a class" : "classes"}, or ${one ? "does it" : "do they"} mean that the value is missing? The table has no empty field, and every other class is more frequent.`,
    hint: `Choose one: ${choices.map((choice) => `--target-markers ${choice}`).join(" or ")}.`,
    details: { decision: "target-markers", column, texts: markers, choices },
  });
}

/** `NA` (12 rows), `-` (1 row) */
export function listed(texts: readonly CountedText[]): string {
  return texts.map(({ text, rows }) => `\`${text}\` (${counted(rows, "row")})`).join(", ");
}
