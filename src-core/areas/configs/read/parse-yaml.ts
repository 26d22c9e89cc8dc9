import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLParseError,
  type YAMLWarning,
} from "yaml";
import type { Place } from "../../../contract/errors.ts";
import { type Problem, problemError } from "./problems.ts";

export type KeyPath = readonly (string | number)[];

/** A larger file can't be a configuration file; it is refused before it is parsed. */
export const maxYamlBytes = 1 << 20;
const maxAliases = 50;
/** Nodes after aliases are expanded: bounds what a small file can expand to. */
const maxNodes = 200_000;
const maxDepth = 64;

const plainYaml =
  "Write it in plain YAML 1.2: keys whose values are strings, numbers, true or false, or lists and mappings of them; no tags and few aliases.";

export interface ParsedYaml {
  readonly value: unknown;
  /** Place of the value at a path, or of the nearest enclosing value that exists. */
  readonly placeOf: (path: KeyPath) => Place;
  /** The scalar at a path as it is written; undefined for anything else. */
  readonly textOf: (path: KeyPath) => string | undefined;
  /** Place of the key itself. */
  readonly placeOfKey: (path: KeyPath) => Place;
}

/**
 * Parses one YAML 1.2 document with plain values. Duplicate keys, unknown tags, several documents, keys that aren't
 * strings, and aliases that multiply are errors.
 * @throws configs/syntax with file, line and column of every problem
 */
export function parseYaml(bytes: Uint8Array, file: string): ParsedYaml {
  const text = decode(bytes, file);
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const fail = (place: Place, message: string) =>
    problemError([{ code: "configs/syntax", place, message, path: [], hint: plainYaml }], { file });
  const tooDeep = deepLine(text);
  if (tooDeep !== undefined) throw fail({ file, line: tooDeep, column: 1 }, `nested deeper than ${maxDepth} levels`);

  const document = guarded(() => parseDocument(text, { lineCounter: lines, stringKeys: true, prettyErrors: false }));
  if (document === undefined) throw fail({ file, line: 1, column: 1 }, "nested too deeply to read");
  const problems: Problem[] = syntaxProblems([...document.errors, ...document.warnings], text).map(
    ({ offset, message }) => ({ code: "configs/syntax", place: at(offset), message, path: [], hint: plainYaml }),
  );
  if (problems.length > 0) throw problemError(problems, { file });

  const refused = guarded(() => findRefused(document.contents));
  if (refused) throw fail(at(refused.node?.range?.[0] ?? 0), refused.message);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    throw fail({ file, line: 1, column: 1 }, error instanceof Error ? firstLine(error.message) : String(error));
  }
  const offsetOf = (node: Node | undefined) => node?.range?.[0] ?? 0;
  return {
    value,
    placeOf: (path) => at(offsetOf(find(document.contents, path).node)),
    textOf: (path) => {
      const { node } = find(document.contents, path);
      return isScalar(node) ? node.source : undefined;
    },
    placeOfKey: (path) => {
      const found = find(document.contents, path);
      return at(offsetOf(found.key ?? found.node));
    },
  };
}

interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/**
 * Places each error where the user has to change something. A line that is indented too far continues the value above it, so the parser
 * complains of that value, and several times: it is one problem, of the line with the wrong indentation.
 */
function syntaxProblems(errors: readonly (YAMLParseError | YAMLWarning)[], text: string): readonly SyntaxProblem[] {
  const isIndented = (error: YAMLParseError | YAMLWarning) => error.code === "BLOCK_AS_IMPLICIT_KEY";
  const regions = errors.filter(isIndented).map(({ pos: [from, to] }) => {
    const ends = errors
      .filter(({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] >= from && pos[0] <= to)
      .map(({ pos }) => pos[1]);
    return { from, to: Math.max(to, ...ends) };
  });
  return errors.flatMap((error): readonly SyntaxProblem[] => {
    const [at] = error.pos;
    const region = regions.find(({ from, to }) => at >= from && at <= to);
    if (region !== undefined && isIndented(error))
      return [
        {
          offset: firstInLine(text, region.to - 1),
          message: "this line's indentation fits neither the line above it nor an outer key",
        },
      ];
    if (region !== undefined) return [];
    const isIndent = error.code === "BAD_INDENT" || error.code === "TAB_AS_INDENT";
    const offset = error.code === "BAD_INDENT" ? firstInLine(text, at) : at;
    return [{ offset, message: firstLine(error.message) + (isIndent ? "; check this line's indentation" : "") }];
  });
}

/** Offset of the first character of a line that isn't a space. */
function firstInLine(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return start + (/^ */.exec(text.slice(start))?.[0].length ?? 0);
}

function decode(bytes: Uint8Array, file: string): string {
  const refuse = (line: number, column: number, message: string) =>
    problemError([{ code: "configs/syntax", place: { file, line, column }, message, path: [], hint: plainYaml }], {
      file,
    });
  if (bytes.byteLength > maxYamlBytes) {
    throw refuse(1, 1, `${bytes.byteLength} bytes; a configuration file has at most ${maxYamlBytes}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const good = validPrefix(bytes).split("\n");
    throw refuse(good.length, (good.at(-1)?.length ?? 0) + 1, "not UTF-8; save the file as UTF-8");
  }
}

/** The text before the first byte that isn't UTF-8. */
function validPrefix(bytes: Uint8Array): string {
  const lossy = new TextDecoder("utf-8").decode(bytes);
  for (let at = lossy.indexOf("\uFFFD"); at >= 0; at = lossy.indexOf("\uFFFD", at + 1)) {
    const prefix = lossy.slice(0, at);
    const offset = Buffer.byteLength(prefix);
    // A replacement character that is in the file itself is valid.
    if (!Buffer.from(bytes.subarray(offset, offset + 3)).equals(Buffer.from("\uFFFD"))) return prefix;
  }
  return lossy;
}

/** Flow collections nest without indentation, so brackets are counted before a recursive parser reads them. */
function deepLine(text: string): number | undefined {
  let line = 1;
  let depth = 0;
  for (const character of text) {
    if (character === "\n") line += 1;
    else if (character === "[" || character === "{") depth += 1;
    else if ((character === "]" || character === "}") && depth > 0) depth -= 1;
    if (depth > maxDepth * 4) return line;
  }
  return undefined;
}

/** Returns `work`'s result, or undefined if the parser ran out of stack on hostile nesting. */
function guarded<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Refused {
  readonly node: Node | null | undefined;
  readonly message: string;
}

function findRefused(root: Node | null): Refused | undefined {
  let refused: Refused | undefined;
  let nodes = 0;
  const anchors = new Set<string>();
  const weights = new Map<string, number>();
  const refuse = (node: Node | null | undefined, message: string) => {
    refused ??= { node, message };
    return visit.BREAK;
  };
  visit(root, {
    Pair: (_, pair) => {
      // A JavaScript object can't hold this key as data: it would be lost silently.
      if (isScalar(pair.key) && pair.key.value === "__proto__")
        return refuse(pair.key, "the key `__proto__` is refused");
      return undefined;
    },
    Node: (_, node, ancestors) => {
      if (isAlias(node)) {
        const encloses = (one: unknown) => isCollection(one) && one.anchor === node.source;
        if (ancestors.some(encloses)) return refuse(node, `the alias \`*${node.source}\` is inside its own anchor`);
        if (!anchors.has(node.source)) return refuse(node, `the alias \`*${node.source}\` has no anchor before it`);
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
      nodes += isAlias(node) ? (weights.get(node.source) ?? 1) : 1;
      if (nodes > maxNodes) return refuse(node, `more than ${maxNodes} values once aliases are expanded`);
      if (ancestors.length > maxDepth * 2) return refuse(node, `nested deeper than ${maxDepth} levels`);
      if (isCollection(node) && node.anchor !== undefined) weights.set(node.anchor, weigh(node, weights));
      if (isScalar(node) && typeof node.value === "number" && isInexact(node.value)) {
        return refuse(node, `${node.source ?? node.value} is too large to be kept exactly; integers end at ±2^53`);
      }
      return undefined;
    },
  });
  return refused;
}

function isInexact(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
}

/** Number of values in an anchored collection, with its own aliases expanded. */
function weigh(node: Node, weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  visit(node, {
    Node: (_, inner) => {
      sum += isAlias(inner) ? (weights.get(inner.source) ?? 1) : 1;
    },
  });
  return sum;
}

interface Found {
  readonly key: Node | undefined;
  readonly node: Node | undefined;
}

function find(root: Node | null, path: KeyPath): Found {
  let node: Node | undefined = root ?? undefined;
  let key: Node | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair) return { key, node };
      key = isScalar(pair.key) ? pair.key : undefined;
      // A parsed document holds nodes only; yaml's types also allow values added by code.
      node = (pair.value as Node | null) ?? key;
    } else if (isCollection(node)) {
      const next: unknown = node.items[Number(step)];
      if (next === undefined) return { key, node };
      node = next as Node;
      key = undefined;
    } else return { key, node };
  }
  return { key, node };
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/:$/, "");
}
