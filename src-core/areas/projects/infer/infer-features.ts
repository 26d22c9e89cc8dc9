import { counted } from "../../../../src-view/numbers.ts";
import { isIdentifierLike, percent } from "./infer-contract.ts";
import { orderOf } from "./ordinal-scales.ts";
import { type ColumnProfile, filledRows, type TableProfile } from "./profile.ts";

interface LeftOut {
  readonly column: string;
  readonly reason: string;
}

interface FeatureChoices {
  readonly target: string;
  readonly key: readonly string[];
  readonly group: readonly string[];
  /** Columns that alone nearly determine the target, and how well. */
  readonly consequences: ReadonlyMap<string, string>;
}

export interface ProposedFeatures {
  readonly numeric: readonly string[];
  readonly onehot: readonly string[];
  /** Values of a known scale, from lowest to highest. */
  readonly ordinal: readonly { readonly column: string; readonly order: readonly string[] }[];
  readonly targetEncoded: readonly string[];
  readonly text: readonly string[];
  readonly datetime: readonly { readonly column: string; readonly parts: readonly string[] }[];
  readonly leftOut: readonly LeftOut[];
}

/** Distinct values up to which each value gets its own column. */
const onehotValues = 20;
const dayMs = 86_400_000;
const yearDays = 366;
/** Days from which on most days of a year were seen. */
const mostOfYearDays = 270;

type Kind = "numeric" | "onehot" | "ordinal" | "targetEncoded" | "text" | "datetime";

/** Chooses the columns of a first model and how it uses them; each excluded column has its reason. */
export function proposeFeatures(profile: TableProfile, choices: FeatureChoices): ProposedFeatures {
  const leftOut: LeftOut[] = [];
  const taken: { readonly column: ColumnProfile; readonly kind: Kind }[] = [];
  for (const column of profile.columns) {
    if (column.name === choices.target) continue;
    const reason = reasonAgainst(column, choices);
    if (reason === null) taken.push({ column, kind: kindOf(column) });
    else leftOut.push({ column: column.name, reason });
  }
  const named = (kind: Kind) => taken.filter((one) => one.kind === kind).map(({ column }) => column.name);
  return {
    numeric: named("numeric"),
    onehot: named("onehot"),
    ordinal: taken.flatMap(({ column, kind }) =>
      kind === "ordinal" ? [{ column: column.name, order: orderOf(column) ?? [] }] : [],
    ),
    targetEncoded: named("targetEncoded"),
    text: named("text"),
    datetime: taken
      .filter(({ kind }) => kind === "datetime")
      .map(({ column }) => ({ column: column.name, parts: partsOf(column) })),
    leftOut,
  };
}

function reasonAgainst(column: ColumnProfile, { key, group, consequences }: FeatureChoices): string | null {
  const filled = filledRows(column);
  if (column.unfit !== null) return column.unfit;
  if (column.type === null) return `${column.sourceType} is a type without a data contract`;
  if (column.type === "struct" || column.type === "list") return `a ${column.type}; features are single values`;
  if (filled === 0) return "no value in any row";
  if (column.distinct <= 1 && column.nulls === 0) return `constant: the same value in every row${precision(column)}`;
  if (column.distinct <= 1) return "constant where it has a value";
  if (column.infinite > 0) return counted(column.infinite, "infinite value");
  if (group.includes(column.name)) return "the split's group: the test side has only values the model never saw";
  if (key.length === 1 && key[0] === column.name && column.type !== "timestamp") return "the key: identifies the row";
  const consequence = consequences.get(column.name);
  if (consequence !== undefined) return `looks like the target's consequence: ${consequence}`;
  if (column.notTime !== null)
    return `${column.notTime}; write them as 2013-01-31 or 2013-01-31T06:00:00+02:00 to use them`;
  if (column.isForeignNumber && column.distinct > onehotValues)
    return "numbers as text in a form that isn't plain (1234.5); convert them to use them";
  if (column.isLongNumber && column.distinct > onehotValues)
    return "whole numbers beyond 64 bits, kept as text; write amounts in a larger unit to use them";
  if (column.notNumber !== null && column.distinct > onehotValues)
    return `${column.notNumber}; correct these values or leave them empty to use the column`;
  // A model computes with doubles, in which neighbours beyond 2^53 are one number. Such bounds are kept as strings.
  if (column.type === "int" && [column.min, column.max].some((bound) => typeof bound === "string"))
    return "whole numbers beyond 2^53, which a model can't tell apart; write amounts in a larger unit to use them";
  if (isIdentifierLike(column))
    return `an identifier: ${counted(column.distinct, "different value")} in ${counted(filled, "row")}`;
  if (column.type === "string" && column.meanWords < 3 && column.distinct > filled / 2) {
    return `${counted(column.distinct, "different text")} in ${counted(filled, "row")} (${percent(column.distinct, filled)}): too many to learn from`;
  }
  return null;
}

/** Parquet's INT96 has nanoseconds that no column of DuckDB shows. */
function precision({ sourceType, type }: ColumnProfile): string {
  return type === "timestamp" && sourceType !== "DATE" ? ", to the microsecond" : "";
}

function kindOf(column: ColumnProfile): Kind {
  if (column.type === "timestamp") return "datetime";
  if (column.type === "int" || column.type === "float") return "numeric";
  if (column.distinct <= onehotValues && orderOf(column) !== null) return "ordinal";
  if (column.type === "bool" || column.distinct <= onehotValues) return "onehot";
  return column.meanWords >= 3 ? "text" : "targetEncoded";
}

/**
 * Parts of a time that the table has seen repeat or grow: without the year, what changes from one year to the next is lost;
 * without the day of the year, a season has only twelve steps. A shorter span would only name its own days.
 */
function partsOf(column: ColumnProfile): readonly string[] {
  const days = (Date.parse(String(column.max)) - Date.parse(String(column.min))) / dayMs;
  return [
    ...(days > yearDays ? ["year"] : []),
    ...(days >= yearDays / 2 ? ["month"] : []),
    ...(days >= mostOfYearDays ? ["day_of_year"] : []),
    "weekday",
    ...(column.hasTimeOfDay ? ["hour"] : []),
  ];
}
