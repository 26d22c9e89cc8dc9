import * as z from "zod";
import { routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import { AppError } from "../../../contract/errors.ts";
import { didYouMean, nearestOf } from "../../../foundation/text/did-you-mean.ts";
import { unwrapped } from "../../configs/read/schema-walk.ts";
import { longForm } from "./check-routing.ts";
import { effectivePolicy, type RoutingPolicy } from "./policy.ts";
import { type PolicyValue, withValue } from "./policy-keys.ts";
import { policyProblems } from "./policy-rules.ts";

/** The keys that hold a value, with what the schema allows there. */
function leavesOf(schema: z.ZodType, prefix = ""): readonly (readonly [string, z.ZodType])[] {
  const bare = unwrapped(schema);
  if (!(bare instanceof z.ZodObject)) return [[prefix, schema]];
  return Object.entries(bare.shape).flatMap(([name, child]) =>
    child instanceof z.ZodType ? leavesOf(child, prefix === "" ? name : `${prefix}.${name}`) : [],
  );
}

/** Has a reason for each of its views, which belongs in the file. */
const fileOnly = "accept_suspect";

const leaves: ReadonlyMap<string, z.ZodType> = new Map(
  leavesOf(routingConfigSchema).filter(([key]) => key !== "version" && key !== fileOnly),
);

/**
 * Returns the policy with values replaced as `--set KEY=VALUE` gives them, checked as the file is.
 * @throws configs/unknown-key, configs/invalid-value, configs/inconsistent
 */
export function withOverrides(policy: RoutingPolicy, settings: Readonly<Record<string, string>>): RoutingPolicy {
  let changed = policy;
  const given = new Map<string, string>();
  for (const [key, text] of Object.entries(settings)) {
    const schema = leaves.get(key);
    if (schema === undefined) throw unknownKey(key);
    const value = parsed(key, text, schema);
    const long = longForm(key);
    const other = given.get(long);
    if (other !== undefined) throw twice(key, other);
    given.set(long, key);
    changed = withValue(changed, long, value);
  }
  const [problem] = policyProblems(changed);
  if (problem !== undefined) {
    throw new AppError({
      code: "configs/inconsistent",
      message: `The changed policy contradicts itself: ${problem.message}.`,
      hint: problem.hint,
      details: { key: problem.path.join("."), settings },
    });
  }
  // Lists get their one order back, in which equal policies are equal.
  return effectivePolicy(changed);
}

function unknownKey(key: string): AppError {
  const allowed = [...leaves.keys()];
  if (key === fileOnly)
    return new AppError({
      code: "configs/unknown-key",
      message: `\`${key}\` isn't set by a flag, because each view needs its reason.`,
      hint: "Write `accept_suspect: [{target: …, segment: …, reason: …}]` in configs/routing.yaml.",
      details: { key, allowed },
    });
  const below = allowed.filter((one) => one.startsWith(`${key}.`));
  return new AppError({
    code: "configs/unknown-key",
    message:
      below.length > 0
        ? `\`${key}\` is a group of the routing policy, not one value.`
        : `Unknown key of the routing policy: \`${key}\`${didYouMean(key, allowed)}`,
    hint: `Keys that can be set: ${(below.length > 0 ? below : allowed).join(", ")}.`,
    details: { key, allowed, nearest: nearestOf(key, allowed) },
  });
}

function twice(key: string, other: string): AppError {
  return new AppError({
    code: "configs/inconsistent",
    message: `\`${other}\` and \`${key}\` are the same threshold, and both are given.`,
    hint: "Give only one of them.",
    details: { key },
  });
}

function parsed(key: string, text: string, schema: z.ZodType): PolicyValue {
  const bare = unwrapped(schema);
  const result = schema.safeParse(read(text.trim(), bare));
  // An empty string would otherwise count as "not given", and the default would be used.
  if (result.success && result.data !== undefined) return result.data as PolicyValue;
  const allowed = bare instanceof z.ZodArray ? enumValues(bare.element) : enumValues(bare);
  return refuse(key, text, { expected: expected(bare), allowed });
}

/** Converts the string to the value it represents; one that represents none is left for the schema to refuse. */
function read(text: string, schema: z.ZodType): unknown {
  if (schema instanceof z.ZodNumber) return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
  if (schema instanceof z.ZodBoolean) return text === "true" ? true : text === "false" ? false : text;
  if (!(schema instanceof z.ZodArray)) return text;
  const inner = /^\[.*\]$/.test(text) ? text.slice(1, -1).trim() : text;
  return inner === "" ? [] : inner.split(",").map((one) => one.trim());
}

function enumValues(schema: unknown): readonly string[] {
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
}

function expected(schema: z.ZodType): string {
  if (schema instanceof z.ZodArray) return `a list of ${enumValues(schema.element).join(", ")}`;
  if (schema instanceof z.ZodEnum) return `one of ${enumValues(schema).join(", ")}`;
  if (schema instanceof z.ZodBoolean) return "true or false";
  if (!(schema instanceof z.ZodNumber)) throw new Error("A policy holds no such value.");
  const isWhole = schema.format === "safeint";
  const bound = (limit: number | null): limit is number =>
    limit !== null && Number.isFinite(limit) && Math.abs(limit) !== Number.MAX_SAFE_INTEGER;
  const from = bound(schema.minValue) ? ` from ${schema.minValue}` : "";
  const to = bound(schema.maxValue) ? `${from === "" ? " up" : ""} to ${schema.maxValue}` : "";
  return `a ${isWhole ? "whole " : ""}number${from}${to}`;
}

function refuse(
  key: string,
  text: string,
  { expected, allowed }: { readonly expected: string; readonly allowed: readonly string[] },
): never {
  const wrong = text
    .replace(/^\[|\]$/g, "")
    .split(",")
    .map((one) => one.trim())
    .find((one) => !allowed.includes(one));
  throw new AppError({
    code: "configs/invalid-value",
    message: `\`${key}\` can't be \`${text}\`; expected ${expected}${allowed.length === 0 ? "" : didYouMean(wrong ?? text, allowed)}`,
    hint: `Write ${key}=VALUE with ${expected}.`,
    details: { key, value: text, ...(allowed.length === 0 ? {} : { allowed }) },
  });
}
