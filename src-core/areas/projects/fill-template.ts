/**
 * Fills `{{name}}` in a template. A line that holds only a placeholder takes a string of several lines, and is removed
 * for an empty one.
 * @throws if template and values don't name the same placeholders
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(values));
  const valueNamed = (name: string): string => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`The template needs ${name}, which has no value`);
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
