import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "oxc-parser";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";

/** Reads the source for tests: the next steps it builds, and its strings. */

/** A node of the syntax tree, with the properties that are read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

interface Place {
  /** "src-core/areas/runs/ops.ts:47". */
  readonly place: string;
}

/** A value that isn't a literal in the source. */
export const unknownValue = Symbol("unknown");

export interface BuiltStep extends Place {
  readonly operation: unknown;
  /** Undefined if it isn't an object literal. */
  readonly input: Readonly<Record<string, unknown>> | undefined;
  readonly asks: readonly unknown[];
}

export interface SourceText extends Place {
  readonly text: string;
  /** Names of the properties that contain it, the nearest last. */
  readonly keys: readonly string[];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function walk(node: Node, visit: (node: Node, keys: readonly string[]) => void, keys: readonly string[] = []): void {
  visit(node, keys);
  const key = node.type === "Property" ? nameOf(node.key) : undefined;
  const below = key === undefined ? keys : [...keys, key];
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, below);
}

function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  return typeof node.name === "string" ? node.name : typeof node.value === "string" ? node.value : undefined;
}

/** Every production module below a folder. */
function modulesBelow(folder: string): readonly string[] {
  return globSync("**/*.ts", { cwd: path.join(appRoot, folder) })
    .filter((file) => !/\.test\.ts$|(^|\/)testing\//.test(file))
    .map((file) => path.posix.join(folder, file.split(path.sep).join("/")))
    .toSorted();
}

function visitModules(folder: string, visit: (node: Node, at: Place & { readonly keys: readonly string[] }) => void) {
  for (const file of modulesBelow(folder)) {
    const source = readFileSync(path.join(appRoot, file), "utf8");
    const { program } = parseSync(file, source);
    if (!isNode(program)) throw new Error(`${file} has no syntax tree`);
    walk(program, (node, keys) => {
      const line = source.slice(0, node.start).split("\n").length;
      visit(node, { place: `${file}:${line}`, keys });
    });
  }
}

/** Finds every next step that the modules below a folder build. */
export function stepsBuiltBelow(folder: string): readonly BuiltStep[] {
  const found: BuiltStep[] = [];
  visitModules(folder, (node, { place }) => {
    const builder = node.type === "CallExpression" ? nameOf(node.callee) : undefined;
    if (builder !== "nextStep" && builder !== "askingStep") return;
    const [operation, second] = node.arguments as readonly unknown[];
    const { input, asks } =
      builder === "nextStep" ? { input: literalOf(second), asks: [] } : partsOf(literalOf(second));
    found.push({ place, operation: literalOf(operation), input: isRecord(input) ? input : undefined, asks });
  });
  return found;
}

function partsOf(known: unknown): { readonly input: unknown; readonly asks: readonly unknown[] } {
  const { input, asks } = isRecord(known) ? known : {};
  return { input, asks: Array.isArray(asks) ? asks : [] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a literal, without what a spread adds. */
function literalOf(node: unknown): unknown {
  if (!isNode(node)) return unknownValue;
  if (node.type === "Literal") return node.value;
  if (node.type === "ArrayExpression") return (node.elements as readonly unknown[]).map(literalOf);
  if (node.type !== "ObjectExpression") return unknownValue;
  const properties = (node.properties as readonly Node[]).filter((it) => it.type === "Property");
  return Object.fromEntries(properties.map((it) => [nameOf(it.key) ?? "?", literalOf(it.value)]));
}

/** Finds every string in the modules below a folder, including the parts of templates; comments don't count. */
export function textsBelow(folder: string): readonly SourceText[] {
  const found: SourceText[] = [];
  visitModules(folder, (node, { place, keys }) => {
    const text =
      node.type === "Literal"
        ? node.value
        : node.type === "TemplateElement"
          ? (node.value as { raw: string }).raw
          : null;
    if (typeof text === "string") found.push({ place, text, keys });
  });
  return found;
}
