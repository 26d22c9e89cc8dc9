/** A policy or its file as dotted keys: `experimental.classification.min_score`. */

export type PolicyValue = string | number | boolean | readonly string[];

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every key that holds a value, with it; a list is one value. */
export function policyEntries(policy: object, prefix = ""): readonly (readonly [string, PolicyValue])[] {
  return Object.entries(policy).flatMap(([name, value]): readonly (readonly [string, PolicyValue])[] => {
    const key = prefix === "" ? name : `${prefix}.${name}`;
    if (isMapping(value)) return policyEntries(value, key);
    if (Array.isArray(value)) return [[key, value.map(elementText)]];
    // Besides mappings and lists, a policy holds numbers, strings and booleans: its schema says so.
    return value === undefined ? [] : [[key, value as PolicyValue]];
  });
}

/** Renders a value of a policy; a list in brackets. */
export function policyText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(elementText).join(", ")}]` : elementText(value);
}

/** An element of a list: a string, or a mapping as "key: value, …". */
function elementText(element: unknown): string {
  if (!isMapping(element)) return String(element);
  return Object.entries(element)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(", ");
}

export function valueAt(policy: object, key: string): unknown {
  let value: unknown = policy;
  for (const name of key.split(".")) {
    if (!isMapping(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A copy with one value set; everything off the path is shared. */
export function withValue<T extends object>(policy: T, key: string, value: PolicyValue): T {
  const [name = "", ...rest] = key.split(".");
  if (rest.length === 0) return { ...policy, [name]: value };
  const inner: unknown = Reflect.get(policy, name);
  return { ...policy, [name]: withValue(isMapping(inner) ? inner : {}, rest.join("."), value) };
}
