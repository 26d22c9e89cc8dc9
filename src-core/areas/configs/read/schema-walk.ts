import * as z from "zod";

/**
 * Reads zod schemas as a tree, for messages and for the configuration reference. zod types inner schemas as its core
 * type; every schema here is made by the classic builders, hence the casts to `z.ZodType`.
 */

/** The schema without `optional` and `default` around it. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  return schema;
}

/** The alternatives of a schema: the options of a union, else the schema itself. */
export function alternatives(schema: z.ZodType): readonly z.ZodType[] {
  const bare = unwrapped(schema);
  if (!(bare instanceof z.ZodUnion)) return [bare];
  return (bare.options as readonly z.ZodType[]).flatMap(alternatives);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** False for an object whose literal key (`strategy: temporal`) differs from the one in `value`. */
function isCandidate(schema: z.ZodType, value: unknown): boolean {
  if (!(schema instanceof z.ZodObject) || !isMapping(value)) return true;
  return Object.entries(schema.shape).every(([key, child]) => {
    if (!(child instanceof z.ZodLiteral) || !(key in value) || key === "version") return true;
    return [...child.values].some((literal) => literal === value[key]);
  });
}

/** Those whose literal keys agree with the value; all of them if none does (then the literal itself is wrong). */
function candidates(schemas: readonly z.ZodType[], value: unknown): readonly z.ZodType[] {
  const fitting = schemas.filter((one) => isCandidate(one, value));
  return fitting.length > 0 ? fitting : schemas;
}

/** The schemas that may describe the value at `path` inside `value`. */
export function schemasAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): readonly z.ZodType[] {
  let schemas = candidates(alternatives(schema), value);
  let current = value;
  for (const step of path) {
    current = isMapping(current) || Array.isArray(current) ? Reflect.get(current, step) : undefined;
    const next = schemas.flatMap((one) => childOf(one, step)).flatMap(alternatives);
    schemas = candidates(next, current);
  }
  return schemas;
}

function childOf(schema: z.ZodType, step: PropertyKey): readonly z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child: unknown = Object.hasOwn(schema.shape, step) ? schema.shape[String(step)] : undefined;
    return child instanceof z.ZodType ? [child] : [];
  }
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  if (schema instanceof z.ZodTuple) {
    const item: unknown = schema.def.items[Number(step)];
    return item instanceof z.ZodType ? [item] : [];
  }
  return [];
}

/** Keys that any of the schemas allows; empty if none is an object. */
export function allowedKeys(schemas: readonly z.ZodType[]): readonly string[] {
  const keys = schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
  return [...new Set(keys)];
}

/** The listed values (enum, literal) that any of the schemas allows. */
export function allowedValues(schemas: readonly z.ZodType[]): readonly string[] {
  const values = schemas.flatMap((schema) => {
    if (schema instanceof z.ZodEnum) return schema.options.map(String);
    if (schema instanceof z.ZodLiteral) return [...schema.values].map(String);
    return [];
  });
  return [...new Set(values)];
}
