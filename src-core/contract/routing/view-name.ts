/**
 * Names of views as text: in messages, tables for people, parameters of MLflow and arguments. A view is the pooled one (null) or a
 * segment's (any string, also an empty one), so a segment whose text would read as something else is written in double quotes, as JSON.
 */

/** Words for the pooled view. A segment of such a name is written in quotes. */
const pooledWords: readonly string[] = ["CS", "CROSS_SECTIONAL"];

/** Characters that a terminal doesn't show as they are: control characters and the two other line ends. */
const unseen = /[\p{Cc}\u2028\u2029]/u;

/** A segment as text. No two segments share one, and none is a word for the pooled view. */
export function segmentText(segment: string): string {
  const isPlain =
    segment.trim() === segment &&
    segment !== "" &&
    !segment.startsWith('"') &&
    !unseen.test(segment) &&
    !pooledWords.includes(segment);
  if (isPlain) return segment;
  // JSON leaves some of these as they are.
  return JSON.stringify(segment).replace(
    new RegExp(unseen, "gu"),
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
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
