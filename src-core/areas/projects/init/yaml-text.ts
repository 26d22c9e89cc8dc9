/** YAML written by hand, so that it can carry comments. Everything from a table is quoted unless it is plainly a word. */

const plainWord = /^[A-Za-z_][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*$/;
const otherMeaning = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A scalar that means the same in block and flow style. */
export function yamlScalar(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  // A JSON text is a YAML double-quoted scalar.
  return plainWord.test(value) && !otherMeaning.test(value) ? value : JSON.stringify(value);
}

export function yamlList(values: readonly (string | number | boolean)[]): string {
  return `[${values.map(yamlScalar).join(", ")}]`;
}

const unprintable = /[^\t\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]+/gu;

/** Text as the inside of a comment: one line, whatever a table put into it. */
export function yamlComment(text: string): string {
  return `# ${text.replaceAll(unprintable, " ").trim()}`;
}

/**
 * Fills `{{name}}` in a template. A line that is nothing but a placeholder takes a text of several lines, and vanishes
 * for an empty one.
 * @throws if template and values don't name the same placeholders
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(values));
  const valueNamed = (name: string): string => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`The template asks for ${name}, which has no value`);
    unused.delete(name);
    return value;
  };
  const lines = template.split("\n").flatMap((line) => {
    const alone = /^\s*\{\{(\w+)\}\}$/.exec(line)?.[1];
    if (alone !== undefined) {
      const value = valueNamed(alone);
      return value === "" ? [] : [value];
    }
    return [line.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => valueNamed(name))];
  });
  if (unused.size > 0) throw new Error(`The template has no place for ${[...unused].join(", ")}`);
  return lines.join("\n");
}
