import * as z from "zod";
import { call, type Expression, followed, literal, subscript } from "./python-layout.ts";
import type { Title } from "./titles.ts";

/** The Python type of a schema's values, and the code that reads one. */
export interface Shape {
  readonly annotation: Expression;
  readonly reader: Expression;
}

/** Defines a schema that has or needs a name, and returns how to refer to it. */
export type Define = (schema: z.ZodType, fallback: Title) => Shape | undefined;

/**
 * The shape of a schema. It has no patterns and lengths of strings: the workbench checks them in the user's files. `fallback` is the
 * title of an object that has none.
 * @throws on a schema that has no counterpart in Python
 */
export function shapeOf(schema: z.ZodType, define: Define, fallback: Title): Shape {
  const defined = define(schema, fallback);
  if (defined !== undefined) return defined;
  const inner = (child: unknown) => shapeOf(classic(child), define, fallback);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    const { annotation, reader } = inner(schema.unwrap());
    return { annotation: followed(annotation, " | None"), reader: call("optional", reader) };
  }
  if (schema instanceof z.ZodDefault) {
    const { annotation, reader } = inner(schema.unwrap());
    return { annotation, reader: call("otherwise", reader, literal(schema.def.defaultValue)) };
  }
  if (schema instanceof z.ZodArray) {
    const { annotation, reader } = inner(schema.element);
    return { annotation: subscript("list", annotation), reader: call("list_of", reader, ...leastOf(schema)) };
  }
  if (schema instanceof z.ZodRecord) {
    const { annotation, reader } = inner(schema.valueType);
    return { annotation: subscript("dict", "str", annotation), reader: call("mapping_of", reader) };
  }
  if (schema instanceof z.ZodTuple && schema.def.items.length === 2) {
    const { annotation, reader } = inner(schema.def.items[0]);
    return { annotation: subscript("tuple", annotation, annotation), reader: call("pair_of", reader) };
  }
  if (schema instanceof z.ZodUnion) return unionShape(schema.options.map(classic), inner);
  return plainShape(schema);
}

function plainShape(schema: z.ZodType): Shape {
  if (schema instanceof z.ZodString)
    return schema.meta()?.isPath === true
      ? { annotation: "Path", reader: "path" }
      : { annotation: "str", reader: "text" };
  if (schema instanceof z.ZodBoolean) return { annotation: "bool", reader: "flag" };
  if (schema instanceof z.ZodNumber) return numberShape(schema);
  if (schema instanceof z.ZodEnum) return choiceOf(schema.options);
  if (schema instanceof z.ZodLiteral) return choiceOf([...schema.values]);
  if (schema instanceof z.ZodUnknown) return { annotation: "Any", reader: "anything" };
  throw new Error(`Python has no shape for ${schema.constructor.name}`);
}

function choiceOf(values: readonly unknown[]): Shape {
  const options = values.map(literal);
  return { annotation: subscript("Literal", ...options), reader: call("one_of", ...options) };
}

function numberShape(schema: z.ZodNumber): Shape {
  const { minValue, maxValue } = schema;
  const isBound = (value: number | null): value is number =>
    value !== null && Number.isFinite(value) && Math.abs(value) !== Number.MAX_SAFE_INTEGER;
  const isExclusive = (schema.def.checks ?? []).some(
    ({ _zod: { def } }) => "inclusive" in def && def.inclusive === false,
  );
  if (isExclusive) throw new Error("Python's readers support only inclusive bounds");
  const bounds = [
    ...(isBound(minValue) ? [`at_least=${minValue}`] : []),
    ...(isBound(maxValue) ? [`at_most=${maxValue}`] : []),
  ];
  return schema.format === "safeint"
    ? { annotation: "int", reader: call("whole", ...bounds) }
    : { annotation: "float", reader: call("number", ...bounds) };
}

function leastOf(schema: z.ZodArray): readonly string[] {
  const least = (schema.def.checks ?? []).flatMap(({ _zod: { def } }) =>
    def.check === "min_length" && "minimum" in def ? [`at_least=${def.minimum}`] : [],
  );
  return least;
}

/** Any plain value, or two alternatives of different types: an object or a string, and something else. */
function unionShape(options: readonly z.ZodType[], inner: (option: z.ZodType) => Shape): Shape {
  const isPlain = (option: z.ZodType) =>
    option instanceof z.ZodString || option instanceof z.ZodNumber || option instanceof z.ZodBoolean;
  if (options.length === 3 && options.every(isPlain)) return { annotation: "Scalar", reader: "scalar" };
  const object = options.find((option) => option instanceof z.ZodObject);
  const words = options.find((option) => option instanceof z.ZodLiteral || option instanceof z.ZodEnum);
  const first = object ?? words;
  const [rest, ...more] = options.filter((option) => option !== first);
  if (first === undefined || rest === undefined || more.length > 0)
    throw new Error("Python can't distinguish the alternatives of this union");
  const [one, other] = [inner(first), inner(rest)];
  const kind = object === undefined ? "str" : "dict";
  return {
    annotation: joined(one.annotation, other.annotation),
    reader: call("either", kind, one.reader, other.reader),
  };
}

function joined(one: Expression, other: Expression): Expression {
  return typeof other === "string" ? followed(one, ` | ${other}`) : { ...other, head: `${plain(one)} | ${other.head}` };
}

function plain(expression: Expression): string {
  if (typeof expression === "string") return expression;
  throw new Error("One of two alternatives needs a name in Python");
}

/** zod types inner schemas as its core type, but the classic builders make every schema here. */
export function classic(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new Error("This isn't a schema");
}
