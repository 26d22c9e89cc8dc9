import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import { yamlScalar } from "../../../foundation/text/yaml.ts";

/**
 * Sets string values in the text of a YAML mapping by their paths of keys, and leaves every other character as it is: comments, order and
 * spaces. A missing key is added to its mapping, after the key `after` where the mapping has that one. The mapping itself must exist.
 * @throws if there is no mapping at a path, or a value there isn't a scalar
 */
export function setYaml(
  text: string,
  changes: readonly {
    readonly path: readonly [string, ...string[]];
    readonly value: string;
    readonly after?: string;
  }[],
): string {
  return changes.reduce((edited, { path, value, after }) => setOne(edited, path, { value, after }), text);
}

function setOne(
  text: string,
  path: readonly [string, ...string[]],
  { value, after }: { readonly value: string; readonly after: string | undefined },
): string {
  const map = mapAt(text, path.slice(0, -1));
  const key = path.at(-1) ?? "";
  const written = yamlScalar(value);
  const known = rangeOf(map, key);
  if (known !== undefined) return replaced(text, known, known.start === known.end ? ` ${written}` : written);
  if (map.flow === true) {
    const start = (map.range?.[0] ?? 0) + 1;
    return replaced(text, { start, end: start }, ` ${key}: ${written},`);
  }
  const before = after === undefined ? undefined : rangeOf(map, after);
  const [start] = map.range ?? [0];
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  if (before === undefined) return replaced(text, { start, end: start }, `${key}: ${written}\n${indent}`);
  const lineEnd = text.indexOf("\n", before.end);
  const at = lineEnd < 0 ? text.length : lineEnd;
  return replaced(text, { start: at, end: at }, `\n${indent}${key}: ${written}`);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function replaced(text: string, { start, end }: Range, by: string): string {
  return `${text.slice(0, start)}${by}${text.slice(end)}`;
}

function mapAt(text: string, path: readonly string[]): YAMLMap {
  const document = parseDocument(text, { stringKeys: true });
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(node)) throw new Error(`There is no mapping ${path.join(".")} to write to.`);
  return node;
}

/** Where the value of a key is written; undefined without the key. */
function rangeOf(map: YAMLMap, key: string): Range | undefined {
  const node: unknown = map.get(key, true);
  if (node === undefined) return undefined;
  if (!isScalar(node) || !node.range) throw new Error(`The value of ${key} isn't a scalar.`);
  return { start: node.range[0], end: node.range[1] };
}
