/**
 * The one text of a JSON value (RFC 8785, JCS): no white space, members sorted by their names' UTF-16 code units, numbers
 * and strings as ECMAScript writes them. Equal values have equal texts, so that a digest of the text is one of the value.
 *
 * A member whose value is undefined is left out, as JSON.stringify does.
 * @throws TypeError for what JSON has no text for: NaN, infinities, lone surrogates, functions, BigInt, undefined itself
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no text for the number ${value}.`);
      return JSON.stringify(value);
    case "string":
      if (!value.isWellFormed()) throw new TypeError("A text with a lone surrogate has no canonical form.");
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : canonicalObject(value);
    default:
      throw new TypeError(`JSON has no text for a ${typeof value}.`);
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // The default order of strings compares UTF-16 code units, as the RFC asks.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
