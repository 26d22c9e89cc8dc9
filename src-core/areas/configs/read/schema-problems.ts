import type * as z from "zod";
import { expectedWords } from "../../../contract/issue-words.ts";
import { didYouMean, nearestOf } from "../../../foundation/text/did-you-mean.ts";
import type { KeyPath, ParsedYaml } from "./parse-yaml.ts";
import type { Problem } from "./problems.ts";
import { pathText } from "./problems.ts";
import { allowedKeys, allowedValues, isMapping, schemasAt } from "./schema-walk.ts";

type Issue = z.core.$ZodIssue;

interface Source {
  readonly schema: z.ZodType;
  readonly parsed: ParsedYaml;
}

/** Turns zod's issues into problems with their places in the file. */
export function schemaProblems(schema: z.ZodType, parsed: ParsedYaml, issues: readonly Issue[]): readonly Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, [], { schema, parsed }));
}

function keyPath(path: readonly PropertyKey[]): KeyPath {
  return path.map((step) => (typeof step === "number" ? step : String(step)));
}

function problemsOf(issue: Issue, base: KeyPath, source: Source): readonly Problem[] {
  const path = [...base, ...keyPath(issue.path)];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, source));
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branch = mostSpecific(issue.errors);
    // Alternatives that all refuse the value itself are reported together; one that matched further inside is reported alone.
    if (branch.some((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys")) {
      return branch.flatMap((inner) => problemsOf(inner, path, source));
    }
  }
  return [wrongValue(issue, path, source)];
}

/** The alternative with the fewest issues, where a deep issue counts less than one about the value as a whole. */
function mostSpecific(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const cost = (branch: readonly Issue[]) =>
    branch.reduce((sum, issue) => {
      if (issue.code === "unrecognized_keys") return sum + issue.keys.length * 2;
      return sum + (issue.path.length === 0 ? 100 : 1);
    }, 0);
  return [...branches].sort((a, b) => cost(a) - cost(b))[0] ?? [];
}

function unknownKey(path: KeyPath, key: string, { schema, parsed }: Source): Problem {
  const allowed = allowedKeys(schemasAt(schema, parsed.value, path));
  const where = path.length === 0 ? "" : ` in \`${pathText(path)}\``;
  return {
    code: "configs/unknown-key",
    place: parsed.placeOfKey([...path, key]),
    path: [...path, key],
    message: `unknown key \`${key}\`${where}${didYouMean(key, allowed)}`,
    key,
    nearest: nearestOf(key, allowed),
    allowed,
    hint: `Allowed keys here: ${allowed.join(", ")}.`,
  };
}

function wrongValue(issue: Issue, path: KeyPath, { schema, parsed }: Source): Problem {
  const value = valueAt(parsed.value, path);
  const schemas = schemasAt(schema, parsed.value, path);
  const key = path.at(-1);
  const common = { code: "configs/invalid-value", path, key: key === undefined ? undefined : String(key) } as const;
  if (value === undefined && path.length > 0) {
    const parent = path.slice(0, -1);
    const where = parent.length === 0 ? "" : ` in \`${pathText(parent)}\``;
    return {
      ...common,
      place: parsed.placeOf(parent),
      message: `the key \`${String(key)}\`${where} is missing`,
      hint: `Add \`${String(key)}: …\`: ${expected(issue, schemas)}.`,
    };
  }
  const allowed = allowedValues(schemas);
  const name = path.length === 0 ? "the file" : `\`${pathText(path)}\``;
  const near = typeof value === "string" ? didYouMean(value, allowed) : "";
  return {
    ...common,
    place: parsed.placeOf(path),
    message: `${name} is ${shown(value)}; expected ${expected(issue, schemas)}${near}`,
    nearest: typeof value === "string" ? nearestOf(value, allowed) : undefined,
    ...(allowed.length > 0 ? { allowed } : {}),
    hint: hintFor(issue, value),
  };
}

function hintFor(issue: Issue, value: unknown): string {
  if (issue.code === "invalid_type" && issue.expected === "string" && typeof value !== "object") {
    return `Put it in quotes if it is a string: "${String(value)}".`;
  }
  return "Correct the value; the guide's configuration reference lists every key.";
}

function expected(issue: Issue, schemas: readonly z.ZodType[]): string {
  const values = allowedValues(schemas);
  const isMappingToo = allowedKeys(schemas).length > 0;
  if (values.length > 0) {
    const list = `${values.length === 1 ? "" : "one of "}${values.join(", ")}`;
    return isMappingToo ? `${list}, or a mapping with ${allowedKeys(schemas).join(", ")}` : list;
  }
  if (issue.code === "invalid_union" && isMappingToo) return `a mapping with ${allowedKeys(schemas).join(", ")}`;
  return expectedWords(issue);
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let current = value;
  for (const step of path) {
    if (!isMapping(current) && !Array.isArray(current)) return undefined;
    current = Reflect.get(current, step);
  }
  return current;
}

/** Shows a value as it was written, shortened. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
