/**
 * Which strings are numbers. DuckDB's own cast reads far more: `1_12` as 112, `0x1F` as 31, `1E400` as infinite. Such strings are codes,
 * or mistakes, and different ones would become the same number.
 */

/** `-12`, `0.5`, `.5`, `5.`: no sign but a minus, no leading zero. */
const unsigned = "((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)";

/** As programs print it, with one digit before the point: `1e+05`, `1.5E3`. `10E1` is a code. */
const exponent = "[+-]?[0-9](\\.[0-9]*)?[eE][+-]?[0-9]{1,3}";

const whole = "[+-]?(0|[1-9][0-9]*)(\\.0*)?";

/** Whole numbers up to which every one is a DOUBLE of its own: 2^53. */
export const exactWhole = "9007199254740992";

/** True for a string whose number has no plainer spelling. */
export function isPlainNumberSql(text: string): string {
  return `regexp_full_match(${text}, '-?${unsigned}')`;
}

/**
 * The DOUBLE that a trimmed string is; null if it isn't a number, is infinite, or if digits before its point would be lost. Beyond 2^53 no double
 * has a fraction: a plain number with one is always another number than its double.
 */
export function floatOfTextSql(text: string): string {
  const value = `TRY_CAST(${text} AS DOUBLE)`;
  const isForm = `regexp_full_match(${text}, '[+-]?${unsigned}|${exponent}')`;
  const isSame = `CASE WHEN regexp_full_match(${text}, '${whole}') THEN TRY_CAST(${text} AS BIGINT) = TRY_CAST(${value} AS BIGINT)
    ELSE abs(${value}) < ${exactWhole} OR regexp_matches(${text}, '[eE]') END`;
  const isExact = `(length(${text}) < 16 OR (${isSame}))`;
  return `CASE WHEN ${isForm} AND isfinite(${value}) AND ${isNoUnderflow(text, value)} AND ${isExact} THEN ${value} END`;
}

/** The BIGINT that a trimmed string is. "7.0" is how pandas writes whole numbers beside nulls, "1e+05" how R writes 100000. */
export function intOfTextSql(text: string): string {
  const value = `TRY_CAST(${text} AS DOUBLE)`;
  // With an exponent the digits after the fifteenth may be lost before they are seen.
  const isWhole = `${value} = trunc(${value}) AND abs(${value}) < 1e15 AND ${isNoUnderflow(text, value)}`;
  return `CASE WHEN regexp_full_match(${text}, '${whole}') THEN TRY_CAST(${text} AS BIGINT) WHEN regexp_full_match(${text}, '${exponent}') AND ${isWhole} THEN ${value}::BIGINT END`;
}

/** Nothing but zeros may become 0: 1e-400 is another number. */
function isNoUnderflow(text: string, value: string): string {
  return `(${value} <> 0 OR NOT regexp_matches(${text}, '^[^eE]*[1-9]'))`;
}

export interface Spelled {
  /** SQL of the strings. */
  readonly column: string;
  /** SQL of their cast; every string but those of missing values must have a value. */
  readonly value: string;
  /** True for a key or a group: each spelling is a code. Otherwise plain decimals of one value (`1.5`, `1.50`) are one amount. */
  readonly isCode: boolean;
}

/**
 * SELECT of the rows whose value has another spelling in the column, with that `value`, two `spellings` and `rows`; no row if every
 * value has one spelling.
 */
export function spelledTwiceSql({ column, value, isCode }: Spelled, relation: string): string {
  const text = `trim(${column})`;
  const odd = isCode ? "true" : `bool_or(NOT ${isPlainNumberSql("text")})`;
  return `SELECT value, min(text) AS one, max(text) AS other, count(*) AS rows
    FROM (SELECT ${value} AS value, ${text} AS text FROM ${relation})
    WHERE value IS NOT NULL GROUP BY value HAVING count(DISTINCT text) > 1 AND ${odd}`;
}
