import { stringify } from "yaml";
import { routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import { defaultPolicy } from "../policy/policy.ts";
import { type PolicyValue, policyEntries, withValue } from "../policy/policy-keys.ts";
import { isMapping, noPlace, type Unmapped } from "./legacy-layout.ts";

export interface LegacyPolicy {
  /** `configs/routing.yaml` in its current format, with the keys that the older file had. */
  readonly yaml: string;
  readonly unmapped: readonly Unmapped[];
}

type Entry = readonly [key: string, value: PolicyValue];

/** Older names of current keys. */
const renamed: ReadonlyMap<string, string> = new Map([
  ["cross_sectional.min_score", "cross_sectional.classification.min_score"],
  ["cross_sectional.strong_score", "cross_sectional.classification.strong_score"],
  ["symbol.min_score", "symbol.classification.min_score"],
  ["symbol.strong_score", "symbol.classification.strong_score"],
]);
/** Always written again: the number of the current schema. */
const replaced = new Set(["version", "schema_version"]);

/**
 * Converts a parsed older routing configuration to a current policy: keys of the same names, at the top or under `routing:`.
 * A key without an equivalent, or whose value the current schema refuses, is reported and keeps its default.
 */
export function mapLegacyPolicy(file: unknown): LegacyPolicy {
  if (!isMapping(file)) {
    return { yaml: render([]), unmapped: [{ key: "", reason: "the file isn't a mapping" }] };
  }
  const { routing, ...beside } = file;
  const isNested = isMapping(routing);
  const unmapped: Unmapped[] = isNested ? policyEntries(beside).map(([key]) => ({ key, reason: noPlace })) : [];
  const keyInFile = new Map<string, string>();
  const mapped: Entry[] = [];
  const known = new Set(policyEntries(defaultPolicy()).map(([key]) => key));
  for (const [key, value] of policyEntries(isNested ? routing : file)) {
    if (replaced.has(key)) continue;
    const place = isNested ? `routing.${key}` : key;
    const today = renamed.get(key) ?? key;
    const other = keyInFile.get(today);
    if (!known.has(today)) unmapped.push({ key: place, reason: noPlace });
    else if (other !== undefined) unmapped.push({ key: place, reason: `${other} says the same` });
    else {
      keyInFile.set(today, place);
      mapped.push([today, value]);
    }
  }
  const { kept, refused } = validated(mapped);
  for (const [key, reason] of refused) unmapped.push({ key: keyInFile.get(key) ?? key, reason });
  return { yaml: render(kept), unmapped };
}

function built(entries: readonly Entry[]): object {
  return entries.reduce<object>((policy, [key, value]) => withValue(policy, key, value), { version: 1 });
}

function validated(entries: readonly Entry[]) {
  const parsed = routingConfigSchema.safeParse(built(entries));
  const issues = parsed.success ? [] : parsed.error.issues;
  const reasonOf = (key: string) => {
    const found = issues.find(({ path }) => `${path.join(".")}.`.startsWith(`${key}.`) || path.join(".") === key);
    return found?.message;
  };
  const refused = entries.flatMap(([key]): (readonly [string, string])[] => {
    const reason = reasonOf(key);
    return reason === undefined ? [] : [[key, reason]];
  });
  const isRefused = new Set(refused.map(([key]) => key));
  return { kept: entries.filter(([key]) => !isRefused.has(key)), refused };
}

function render(entries: readonly Entry[]): string {
  return stringify(built(entries), { lineWidth: 0 });
}
