import type { JsonShape } from "./json-shape.ts";

/**
 * Reads a DuckDB type as a shape: STRUCT(a BIGINT, "b c" DATE[]) is {a: "BIGINT", "b c": ["DATE"]}. Other types with
 * arguments, such as MAP, are names.
 */
export function shapeOfType(type: string): JsonShape {
  const { shape, end } = shapeAt(type, 0);
  if (end !== type.length) throw new Error(`Not a type: ${type.slice(0, 200)}`);
  return shape;
}

interface Read {
  readonly shape: JsonShape;
  readonly end: number;
}

function shapeAt(text: string, from: number): Read {
  const inner = text.startsWith("STRUCT(", from) ? structAt(text, from + "STRUCT(".length) : nameAt(text, from);
  const lists = matchAt(/(\[\d*\])*/y, text, inner.end)?.[0] ?? "";
  const depth = lists.split("]").length - 1;
  let shape = inner.shape;
  for (let level = 0; level < depth; level++) shape = [shape];
  return { shape, end: inner.end + lists.length };
}

function structAt(text: string, from: number): Read {
  const fields: [string, JsonShape][] = [];
  let at = from;
  while (text[at] !== ")") {
    const name = matchAt(/(?:"((?:[^"]|"")*)"|([^" ,()]+)) /y, text, at);
    if (name === null) throw new Error(`Not a struct: ${text.slice(0, 200)}`);
    const { shape, end } = shapeAt(text, at + name[0].length);
    fields.push([name[1]?.replaceAll('""', '"') ?? name[2] ?? "", shape]);
    at = text.startsWith(", ", end) ? end + 2 : end;
  }
  return { shape: Object.fromEntries(fields), end: at + 1 };
}

function nameAt(text: string, from: number): Read {
  let depth = 0;
  let end = from;
  for (; end < text.length; end++) {
    const character = text[end];
    if (character === "(") depth += 1;
    else if (depth > 0) depth -= character === ")" ? 1 : 0;
    else if (character === "," || character === ")" || character === "[") break;
  }
  return { shape: text.slice(from, end), end };
}

function matchAt(sticky: RegExp, text: string, from: number): RegExpExecArray | null {
  sticky.lastIndex = from;
  return sticky.exec(text);
}
