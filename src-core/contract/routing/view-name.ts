/**
 * Names of views as text: in messages, tables for people, parameters of MLflow and arguments. A view is the pooled one (null) or a
 * segment's (any string, also an empty one), so a segment whose text would read as something else is written in double quotes, as JSON.
 */

/** Words for the pooled view. A segment of such a name is written in quotes. */
const pooledWords: readonly string[] = ["CS", "CROSS_SECTIONAL"];

/** Characters that a terminal doesn't show as they are: control characters, the two other line ends, and marks without a width. */
const unseen = /[\p{Cc}\u00ad\u200b\u2028\u2029\u2060\ufeff]/u;

/** A segment as text. No two segments share one, and none is a word for the pooled view. */
export function segmentText(segment: string): string {
  // A letter and its mark look like the one character that means both.
  const isComposed = segment.normalize("NFC") === segment;
  const isPlain =
    segment.trim() === segment &&
    segment !== "" &&
    !segment.startsWith('"') &&
    !unseen.test(segment) &&
    isComposed &&
    !pooledWords.includes(segment);
  if (isPlain) return segment;
  // JSON leaves some of these as they are.
  return JSON.stringify(segment).replace(new RegExp(isComposed ? unseen : `${unseen.source}|\\p{M}`, "gu"), escaped);
}

/** One of JSON's escapes for each half of a character. */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** A view as text: `CS` for the pooled one, else `segmentText`. */
export function viewName(segment: string | null): string {
  return segment === null ? "CS" : segmentText(segment);
}

/** Reads what `viewName` writes: null for a word for the pooled view. A text without quotes is a segment as it is. */
export function readViewName(text: string): string | null {
  return pooledWords.includes(text) ? null : unquoted(text);
}

/** Reads a segment that may be in double quotes. What isn't a JSON string stays unchanged. */
export function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}
