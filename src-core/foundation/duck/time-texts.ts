/**
 * Which strings are times. DuckDB's own cast also reads names of zones, whose hours are skipped or occur twice when clocks change (it
 * takes one of the two without a word), offsets of 25 hours and years of five digits; it doesn't read minutes before an offset.
 */

const date = "([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})";
const clock = "[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?";
const offset = "[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?";
const zone = ` ?(z|Z|utc|UTC|gmt|GMT|${offset})`;

/** The TIMESTAMP in UTC that a trimmed string is: year first, a time without an offset is UTC; null if it isn't a time. */
export function timeOfTextSql(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '${date}([Tt ]${clock}(${zone})?)?') THEN ${timeOfGoodTextSql(text)} END`;
}

/** The same for strings that are known to be times, without looking at their form again. */
export function timeOfGoodTextSql(text: string): string {
  return `coalesce(TRY_CAST(${text} AS TIMESTAMPTZ), TRY_CAST(${asCastReadsIt(text)} AS TIMESTAMPTZ))::TIMESTAMP`;
}

/** In capital letters, with a decimal point, seconds, and an offset that follows the time at once. */
function asCastReadsIt(text: string): string {
  const plain = `replace(upper(${text}), ',', '.')`;
  const withOffset = `regexp_replace(regexp_replace(${plain}, ' ?(Z|UTC|GMT)$', '+00'), ' ([+-][0-9:]+)$', '\\1')`;
  return `regexp_replace(${withOffset}, '([T ][0-9]{1,2}:[0-9]{2})([+-][0-9:]+)?$', '\\1:00\\2')`;
}

/** Condition that the string of a time has an offset or is marked as UTC. */
export function hasZoneSql(text: string): string {
  return `regexp_matches(${text}, ':[0-9]{2}([.,][0-9]+)?${zone}$')`;
}

/** Condition that the string of a time has an offset other than UTC's. */
export function hasOffsetSql(text: string): string {
  return `regexp_matches(${text}, ':[0-9]{2}([.,][0-9]+)? ?[+-](0[1-9]|1[0-5]|00:?([1-5][0-9]|0[1-9]))(:?[0-5][0-9])?$')`;
}

/** Condition that the string of a time has digits other than 0 after the sixth of its fraction. */
export function isFinerThanMicrosecondsSql(text: string): string {
  return `regexp_matches(${text}, '[0-9][.,][0-9]{6}[0-9]*[1-9]')`;
}
