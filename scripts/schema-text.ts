import * as z from "zod";
import { unwrapped } from "../src-core/areas/configs/read/schema-walk.ts";
import { durationSchema } from "../src-core/contract/duration.ts";
import { moment } from "../src-core/contract/schema-parts.ts";

export const durationText = "a whole number and a unit: `90s`, `15m`, `6h`, `14d`, `2w`";
export const momentText = "a date or an ISO 8601 time: `2013-01-31`, `2013-01-31T06:00:00Z`";

const code = (value: unknown) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

/** Describes the schema's values in a few words of Markdown. */
export function typeText(schema: z.ZodType): string {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodEnum) return bare.options.map(code).join(" · ");
  if (bare instanceof z.ZodLiteral) return [...bare.values].map(code).join(" · ");
  if (bare instanceof z.ZodString) return stringText(bare);
  if (bare instanceof z.ZodNumber) return numberText(bare);
  if (bare instanceof z.ZodBoolean) return "`true` · `false`";
  if (bare instanceof z.ZodArray) return `list of ${typeText(bare.element as z.ZodType)}`;
  if (bare instanceof z.ZodRecord) return `names → ${typeText(bare.valueType as z.ZodType)}`;
  if (bare instanceof z.ZodTuple) return "two whole numbers";
  if (bare instanceof z.ZodUnion) return unionText(bare.options as readonly z.ZodType[]);
  if (bare instanceof z.ZodObject) return "mapping";
  if (bare instanceof z.ZodUnknown) return "any value";
  throw new Error(`No description for ${bare.constructor.name}`);
}

function unionText(options: readonly z.ZodType[]): string {
  return [...new Set(options.map(typeText))].join(" or ");
}

/** The regular expression that a string must match; empty if there is none. */
function patternOf(schema: z.ZodString): string {
  return (schema.def.checks ?? [])
    .map((check) => ("pattern" in check._zod.def ? String(check._zod.def.pattern) : ""))
    .join("");
}

function stringText(schema: z.ZodString): string {
  const pattern = patternOf(schema);
  if (pattern !== "" && pattern === patternOf(durationSchema)) return "duration";
  return pattern !== "" && pattern === patternOf(moment) ? "time" : "string";
}

function numberText(schema: z.ZodNumber): string {
  const isStrict = (check: string) =>
    (schema.def.checks ?? []).some(
      ({ _zod: { def } }) => def.check === check && "inclusive" in def && def.inclusive === false,
    );
  const { minValue, maxValue } = schema;
  const isLimit = (bound: number | null): bound is number =>
    bound !== null && Number.isFinite(bound) && Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
  return [
    schema.format === "safeint" ? "whole number" : "number",
    ...(isLimit(minValue) ? [`${isStrict("greater_than") ? ">" : "≥"} ${minValue}`] : []),
    ...(isLimit(maxValue) ? [`${isStrict("less_than") ? "<" : "≤"} ${maxValue}`] : []),
  ].join(" ");
}
