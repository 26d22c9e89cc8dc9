/**
 * Renders a JSON value in its canonical form (RFC 8785, JCS): no white space, keys sorted by UTF-16 code units, numbers and strings as in
 * ECMAScript. Equal values have equal strings, so a digest of the string identifies the value.
 *
 * Omits keys whose value is undefined, like JSON.stringify.
 * @throws TypeError for values that JSON can't represent: NaN, infinities, lone surrogates, functions, BigInt, undefined itself
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`JSON can't represent the number ${value}.`);
      return JSON.stringify(value);
    case "string":
      if (!value.isWellFormed()) throw new TypeError("A string with a lone surrogate has no canonical form.");
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : canonicalObject(value);
    default:
      throw new TypeError(`JSON can't represent a ${typeof value}.`);
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // The default order of strings compares UTF-16 code units, as the RFC requires.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
