import * as z from "zod";
import { call, comment, type Expression, layOut, widest } from "./python-layout.ts";
import { classic, type Define, shapeOf } from "./python-shape.ts";
import { type Title, titleOf } from "./titles.ts";

/** A module of the trainer that is generated from schemas. */
export interface ModulePlan {
  /** Name below `signalbox_trainer.specs`. */
  readonly name: string;
  readonly about: string;
  readonly schemas: readonly z.ZodType[];
}

interface Definition {
  readonly schema: z.ZodType;
  readonly module: string;
}

const specsPackage = "signalbox_trainer.specs";
const origin = "Written by scripts/generate-trainer-specs.ts from src-core/contract/trainer; don't edit it by hand.";

/** Writes each module, in order: a later one imports what an earlier one defines. */
export function writeModules(plans: readonly ModulePlan[]): ReadonlyMap<string, string> {
  const defined = new Map<string, Definition>();
  return new Map(plans.map((plan) => [plan.name, writeModule(plan, defined)]));
}

function writeModule({ name: module, about, schemas }: ModulePlan, defined: Map<string, Definition>): string {
  const blocks: string[] = [];
  const imported = new Map<string, Set<string>>();
  const define: Define = (schema, fallback) => {
    const title = titleOf(schema) ?? (schema instanceof z.ZodObject ? fallback : undefined);
    if (title === undefined) return undefined;
    const reader = `read_${snake(title.title)}`;
    const known = defined.get(title.title);
    if (known !== undefined && known.schema !== schema) throw new Error(`Two schemas are called ${title.title}`);
    if (known === undefined) {
      defined.set(title.title, { schema, module });
      blocks.push(definition(schema, title, define));
    } else if (known.module !== module) {
      const names = imported.get(known.module) ?? new Set<string>();
      imported.set(known.module, names.add(title.title).add(reader));
    }
    return { annotation: title.title, reader };
  };
  for (const schema of schemas) {
    const title = titleOf(schema);
    if (title === undefined) throw new Error(`A schema of the module ${module} has no title`);
    define(schema, title);
  }
  const body = blocks.join("\n\n\n");
  // As ruff sorts imports: one empty line before a comment, two before a class.
  const gap = body.startsWith("#") ? "\n\n" : "\n\n\n";
  return `"""${about}\n\n${origin}\n"""\n\n${importLines(body, imported)}${gap}${body}\n`;
}

function definition(schema: z.ZodType, title: Title, define: Define): string {
  if (schema instanceof z.ZodObject) return dataclass(schema, title, define);
  if (schema instanceof z.ZodDiscriminatedUnion) return union(schema, title, define);
  const { annotation, reader } = shapeOf(schema, () => undefined, title);
  return alias(title, annotation, reader);
}

function alias({ title, description }: Title, annotation: Expression, reader: Expression): string {
  const read = `read_${snake(title)}: Reader[${title}] = `;
  return [
    comment(description, ""),
    layOut(annotation, { indent: "", before: `${title} = `, after: "" }),
    layOut(reader, { indent: "", before: read, after: "" }),
  ].join("\n");
}

function union(schema: z.ZodDiscriminatedUnion, title: Title, define: Define): string {
  const key = schema.def.discriminator;
  const options = schema.options.map((option) => {
    const object = classic(option);
    const shape = define(object, title);
    const kind: unknown = object instanceof z.ZodObject ? object.shape[key] : undefined;
    if (shape === undefined || !(kind instanceof z.ZodLiteral))
      throw new Error(`The options of ${title.title} don't differ in ${key}`);
    return { ...shape, kind: JSON.stringify(kind.value) };
  });
  const readers = { head: "{", items: options.map(({ kind, reader }) => `${kind}: ${String(reader)}`) };
  return alias(
    title,
    options.map(({ annotation }) => String(annotation)).join(" | "),
    call("by_key", JSON.stringify(key), readers),
  );
}

function dataclass(schema: z.ZodObject, { title, description }: Title, define: Define): string {
  const fields = Object.entries(schema.shape).map(([key, child]) => {
    const field = classic(child);
    const about = describe(field, `${title}.${key}`);
    return { key, about, ...shapeOf(field, define, { title: `${title}${pascal(key)}`, description: about }) };
  });
  const declared = fields.map(({ key, about, annotation }) =>
    [comment(about, "    "), layOut(annotation, { indent: "    ", before: `${key}: `, after: "" })].join("\n"),
  );
  const read = fields.map(({ key, reader }) =>
    layOut(call("fields", JSON.stringify(key), reader), { indent: "        ", before: `${key}=`, after: "," }),
  );
  return `@dataclass(frozen=True)
class ${title}:
    """${sentence(description)}"""

${declared.join("\n")}


def read_${snake(title)}(value: object, where: str) -> ${title}:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return ${title}(
${read.join("\n")}
    )`;
}

/** Finds the description of a key: its own, else that of its value. @throws if there is neither */
function describe(schema: z.ZodType, place: string): string {
  const inner =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault
      ? classic(schema.unwrap())
      : undefined;
  const about = schema.description ?? titleOf(schema)?.description;
  if (about !== undefined) return sentence(about);
  if (inner === undefined) throw new Error(`${place} has no description`);
  return describe(inner, place);
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
const pascal = (key: string) => key.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
const snake = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** The names in `signalbox_trainer.specs.reading`, in the order of ruff. */
const readers =
  "Fields Reader Scalar anything by_key either flag list_of mapping_of number one_of optional otherwise pair_of path scalar text whole";

function importLines(body: string, imported: ReadonlyMap<string, ReadonlySet<string>>): string {
  const isUsed = (name: string) => new RegExp(`(?<![\\w.])${name}\\b(?=[\\[\\](,)\\s])`).test(withoutText(body));
  const from = (module: string, names: readonly string[]) => (names.length === 0 ? [] : [importLine(module, names)]);
  const standard = [
    ...from("dataclasses", ["dataclass"].filter(isUsed)),
    ...from("pathlib", ["Path"].filter(isUsed)),
    ...from("typing", ["Any", "Literal"].filter(isUsed)),
  ];
  const own = [
    ...from(`${specsPackage}.reading`, readers.split(" ").filter(isUsed)),
    ...[...imported].flatMap(([module, names]) => from(`${specsPackage}.${module}`, [...names].toSorted(byKind))),
  ].toSorted();
  return ["from __future__ import annotations", standard.join("\n"), own.join("\n")]
    .filter((it) => it !== "")
    .join("\n\n");
}

/** Removes comments and strings, which can contain any name. */
const withoutText = (body: string) => body.replace(/^ *#.*$/gm, "").replace(/"[^"\n]*"/g, '""');

/** Classes before functions, each by name. */
function byKind(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => (/^[A-Z]/.test(name) ? `0${name}` : `1${name}`));
  return (first ?? "") < (second ?? "") ? -1 : 1;
}

/** One line if it fits, else a line for each name. */
function importLine(module: string, names: readonly string[]): string {
  const line = `from ${module} import ${names.join(", ")}`;
  return line.length <= widest ? line : `from ${module} import (\n${names.map((it) => `    ${it},\n`).join("")})`;
}
