/**
 * Scalars and comments for YAML that is written line by line, from templates with comments or in a fixed form. The package `yaml` leaves a
 * string plain wherever YAML 1.2 allows it. Here everything is quoted unless it is clearly a word, so that readers of YAML 1.1 and people
 * understand the same.
 */

const plainWord = /^[A-Za-z_][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*$/;
const otherMeaning = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** Renders a scalar that has the same meaning in block and flow style. */
export function yamlScalar(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  // A JSON string is a double-quoted YAML scalar.
  return plainWord.test(value) && !otherMeaning.test(value) ? value : JSON.stringify(value);
}

export function yamlList(values: readonly (string | number | boolean)[]): string {
  return `[${values.map(yamlScalar).join(", ")}]`;
}

const unprintable = /[^\t\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]+/gu;

/** Renders a comment of one line, whatever the string contains. */
export function yamlComment(text: string): string {
  return `# ${text.replaceAll(unprintable, " ").trim()}`;
}
