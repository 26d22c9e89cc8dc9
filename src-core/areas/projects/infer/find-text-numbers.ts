import { batches } from "../../../foundation/duck/batches.ts";
import { isMissingTextSql } from "../../../foundation/duck/missing-texts.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, isOneOf, literal } from "../../../foundation/duck/quote.ts";
import { rawTable, typedView, unusualNumber } from "./gather-profile.ts";
import type { TableProfile } from "./profile.ts";

/** A column of strings that a person reads as numbers. */
export interface TextNumbers {
  readonly column: string;
  /** What keeps it from being read as numbers, with a value as an example. */
  readonly form: string;
  /** Values written in that form. */
  readonly values: number;
  /** Values that aren't numbers in any form. */
  readonly others: number;
  /** What it is until then. */
  readonly readAs: "text" | "a decimal fraction";
}

const sign = "[+-]?\\s*";
const unit = "\\s*[%$€£¥]?";
const money = "[$€£¥]?\\s*";
const grouped = (by: string) => `(\\d{1,3}(${by}\\d{3})+|\\d+)`;

/** 12,5 · 1.234,50 · 1 234,5 · 3,10 € */
const decimalComma = `^${sign}${money}${grouped("[.'’ \u00a0\u202f]")},\\d+${unit}$`;
/** 1,234: may be either, and other values of the column decide. */
const ambiguous = `^${sign}${money}\\d{1,3},\\d{3}${unit}$`;
/** 1,234,567 · 1,234.50 · 1'234.50 · 1.234.567 */
const groupedDigits = `^${sign}${money}\\d{1,3}(([,'’ \u00a0\u202f]\\d{3})+|([.]\\d{3}){2,})([.]\\d+)?${unit}$`;
const withUnit = `^${sign}[$€£¥]\\s*\\d+([.]\\d+)?$|^${sign}\\d+([.]\\d+)?\\s*[%$€£¥]$`;
const plain = "^[+-]?(\\d+([.]\\d*)?|[.]\\d+)([eE][+-]?\\d+)?$";

const firstCharacters = [..."0123456789+-.$€£¥(="];

const decimalCommas = "numbers with a decimal comma";

/** Share of a column's values that read as numbers; a few notes among them don't make it text. */
const mostly = 0.9;
const batchSize = 10;

/**
 * Finds the columns of strings that look like numbers with a decimal comma, separated thousands, or a sign of a currency or
 * per cent, whatever they are called and used for. They are used as text until they are written plainly.
 */
export async function findTextNumbers(duck: Duck, profile: TableProfile): Promise<readonly TextNumbers[]> {
  const names = await beginningLikeNumbers(
    duck,
    profile.columns.filter(({ type }) => type === "string").map(({ name }) => name),
  );
  const found: TextNumbers[] = [];
  for (const batch of batches(names, batchSize)) {
    const row = await duck.row(`SELECT ${batch.flatMap(countsSql).join(", ")} FROM ${typedView}`);
    for (const [index, column] of batch.entries()) {
      const of = (key: string) => count(row[`${key}_${index}`]);
      const written = {
        filled: of("filled"),
        comma: of("comma"),
        either: of("either"),
        grouped: of("grouped"),
        unit: of("unit"),
        unusual: of("unusual"),
        plain: of("plain"),
      };
      const one = read(written, (key) => String(row[`${key}_example_${index}`]));
      if (one !== null) found.push({ column, ...one, readAs: "text" });
    }
  }
  const hasCommas = found.some(({ form }) => form.startsWith(decimalCommas));
  return hasCommas ? [...found, ...(await findThousandsReadAsFractions(duck, profile))] : found;
}

/**
 * Beside decimal commas, `468.254` is more likely 468254 than a fraction: columns that are read as numbers, whose every value has one
 * to three digits, a point and three more. Nobody writes thousands with a leading zero.
 */
async function findThousandsReadAsFractions(duck: Duck, profile: TableProfile): Promise<readonly TextNumbers[]> {
  const found: TextNumbers[] = [];
  for (const { name } of profile.columns.filter((it) => it.type === "float" && it.sourceType === "VARCHAR")) {
    const text = `trim(${identifier(name)})`;
    const is = `regexp_matches(${text}, '^[+-]?[1-9]\\d{0,2}[.]\\d{3}$')`;
    const row = await duck.row(
      `SELECT count(*) FILTER (${filledSql(name)}) AS filled, count(*) FILTER (${is}) AS thousands, max(${text}) FILTER (${is}) AS example FROM ${rawTable}`,
    );
    const values = count(row.thousands);
    if (values === 0 || values < count(row.filled)) continue;
    const form = `numbers with separated thousands (${String(row.example)}), as other columns have decimal commas`;
    found.push({ column: name, form, values, others: 0, readAs: "a decimal fraction" });
  }
  return found;
}

/** Columns most of whose values begin like a number. Patterns are slow; they are tried on these alone. */
async function beginningLikeNumbers(duck: Duck, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const batch of batches(names, batchSize)) {
    const begins = batch.map((name, index) => {
      const first = `left(trim(${identifier(name)}), 1)`;
      return `count(*) FILTER (${isOneOf(first, firstCharacters)}) >= ${mostly} * count(*) FILTER (${filledSql(name)}) AS begins_${index}`;
    });
    const row = await duck.row(`SELECT ${begins.join(", ")} FROM ${typedView}`);
    found.push(...batch.filter((_, index) => row[`begins_${index}`] === true));
  }
  return found;
}

function filledSql(name: string): string {
  return `${identifier(name)} IS NOT NULL AND NOT ${isMissingTextSql(`trim(${identifier(name)})`)}`;
}

function countsSql(name: string, index: number): readonly string[] {
  const text = `trim(${identifier(name)})`;
  const isFilled = filledSql(name);
  const is = (pattern: string) => `regexp_matches(${text}, ${literal(pattern)})`;
  const forms = {
    comma: `${is(decimalComma)} AND NOT ${is(ambiguous)}`,
    either: is(ambiguous),
    grouped: `${is(groupedDigits)} AND NOT ${is(decimalComma)} AND NOT ${is(ambiguous)}`,
    unit: is(withUnit),
    unusual: `${is(unusualNumber)} AND NOT ${is(decimalComma)} AND NOT ${is(withUnit)}`,
  };
  return [
    `count(*) FILTER (${isFilled}) AS filled_${index}`,
    `count(*) FILTER (${is(plain)}) AS plain_${index}`,
    ...Object.entries(forms).flatMap(([key, condition]) => [
      `count(*) FILTER (${condition}) AS ${key}_${index}`,
      `min(${text}) FILTER (${condition}) AS ${key}_example_${index}`,
    ]),
  ];
}

type Written = Readonly<Record<"filled" | "comma" | "either" | "grouped" | "unit" | "unusual" | "plain", number>>;

/** Judges by the values that can be read in one way only. Pure. */
function read(it: Written, example: (form: string) => string): Omit<TextNumbers, "column" | "readAs"> | null {
  const marked = it.comma + it.either + it.grouped + it.unit + it.unusual;
  const others = it.filled - marked - it.plain;
  if (marked === 0 || marked + it.plain < mostly * it.filled) return null;
  if (it.comma > 0 && it.comma >= it.grouped) {
    return { form: `${decimalCommas} (${example("comma")})`, values: it.comma + it.either, others };
  }
  if (it.grouped > 0) {
    return { form: `numbers with separated thousands (${example("grouped")})`, values: it.grouped + it.either, others };
  }
  if (it.either > 0) {
    const form = `numbers with a comma (${example("either")}) that may be a decimal comma or separate thousands`;
    return { form, values: it.either, others };
  }
  if (it.unusual > 0)
    return { form: `numbers that aren't written plainly (${example("unusual")})`, values: it.unusual, others };
  return { form: `numbers with a currency or percent sign (${example("unit")})`, values: it.unit, others };
}
