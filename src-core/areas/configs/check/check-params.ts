import type { Task } from "../../../contract/configs/project-config.ts";
import { didYouMean } from "../../../foundation/text/did-you-mean.ts";
import type { KeyPath } from "../read/parse-yaml.ts";
import type { Findings } from "./findings.ts";
import { modelParams, type ParameterRules } from "./model-params.ts";

/** The parameters of one model, and where they are. */
export interface GivenParams {
  readonly type: string;
  readonly task: Task;
  readonly params: Readonly<Record<string, unknown>>;
  readonly path: KeyPath;
}

/** Checks each parameter by name and value against the estimator's own. A type that isn't in the registry has no rules. */
export function checkParams(findings: Findings, { type, task, params, path }: GivenParams): void {
  const rules = rulesOf(type, task);
  if (rules === undefined) return;
  for (const [name, value] of Object.entries(params)) {
    const at = [...path, name];
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (name === "random_state" || name === "seed")
      findings.add(at, `\`${name}\` is among the params`, {
        hint: "Remove it and write the seed as the file's own `seed`, which is logged and digested.",
      });
    else if (rule === "reserved")
      findings.add(at, `\`${name}\` of \`${type}\` is set by the trainer`, { hint: reservedHint(name) });
    else if (rule === undefined) addUnknown(findings, at, { type, name, rules });
    else addWrongValue(findings, at, { type, name, value, rule });
  }
}

/** The rules of a type for a task, by parameter; undefined for a type of the user's own, or one that doesn't do the task. */
function rulesOf(type: string, task: Task): ParameterRules | undefined {
  const known = Object.hasOwn(modelParams, type) ? modelParams[type] : undefined;
  if (known === undefined) return undefined;
  return { ...known.both, ...(task === "regression" ? known.regression : known.classes) };
}

function reservedHint(name: string): string {
  return ["n_jobs", "nthread", "num_threads"].includes(name)
    ? "Remove it and set `executors.local.threads` in signalbox.yaml."
    : `Remove \`${name}\`.`;
}

function addUnknown(
  findings: Findings,
  at: KeyPath,
  it: { readonly type: string; readonly name: string; readonly rules: ParameterRules },
): void {
  const names = Object.keys(it.rules).filter((name) => it.rules[name] !== "reserved");
  findings.add(at, `\`${it.type}\` has no parameter \`${it.name}\`${didYouMean(it.name, names)}`, {
    code: "configs/invalid-value",
    hint: `Its parameters are ${names.join(", ")}.`,
  });
}

function addWrongValue(
  findings: Findings,
  at: KeyPath,
  it: { readonly type: string; readonly name: string; readonly value: unknown; readonly rule: string },
): void {
  const alternatives = it.rule.split(" | ");
  if (!alternatives.some((one) => accepts(one, it.value))) {
    findings.add(at, `\`${it.name}\` is ${shown(it.value)}, which \`${it.type}\` doesn't take`, {
      code: "configs/invalid-value",
      hint: `Write ${alternatives
        .filter((one) => one !== "'deprecated'")
        .map(words)
        .join(" or ")}.`,
    });
    return;
  }
  // A share of 1.0 loses its point on the way: it would count one row or one column.
  const isShare = alternatives.some((one) => one.startsWith("float") && accepts(one, it.value));
  const isCount = alternatives.some((one) => one.startsWith("int") && accepts(one, it.value));
  if (isShare && isCount && findings.isWrittenAsFraction(at))
    findings.add(
      at,
      `\`${it.name}: ${String(it.value)}.0\` would be read as the whole number ${String(it.value)}, a count`,
      {
        code: "configs/invalid-value",
        hint: `Write \`${it.name}: ${String(it.value)}\` for a count. For the whole share, write null or leave it out where that means all.`,
      },
    );
}

function accepts(rule: string, value: unknown): boolean {
  if (rule === "any") return true;
  if (rule === "null") return value === null;
  if (rule === "bool") return typeof value === "boolean";
  if (rule === "list") return Array.isArray(value);
  if (rule === "map") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (rule === "text") return typeof value === "string";
  if (rule.startsWith("'")) return rule === `'${String(value)}'` && typeof value === "string";
  return typeof value === "number" && Number.isFinite(value) && acceptsNumber(rule, value);
}

const interval = /^(int|number|float)(?:([[(])([^,]*),([^\])]*)([\])]))?$/;

function acceptsNumber(rule: string, value: number): boolean {
  const [, kind, opening, low = "", high = "", closing] = interval.exec(rule) ?? [];
  if (kind === undefined || (kind === "int" && !Number.isInteger(value))) return false;
  const isAbove = low === "" || (opening === "[" ? value >= Number(low) : value > Number(low));
  const isBelow = high === "" || (closing === "]" ? value <= Number(high) : value < Number(high));
  return isAbove && isBelow;
}

/** A rule in words: "a whole number from 1", "a number above 0 and at most 1". */
function words(rule: string): string {
  const fixed = {
    any: "any value",
    null: "null",
    bool: "true or false",
    list: "a list",
    map: "a mapping",
    text: "a string",
  };
  if (Object.hasOwn(fixed, rule)) return fixed[rule as keyof typeof fixed];
  if (rule.startsWith("'")) return rule.slice(1, -1);
  const [, kind, opening, low = "", high = "", closing] = interval.exec(rule) ?? [];
  const bounds = [
    ...(low === "" ? [] : [`${opening === "[" ? "from" : "above"} ${low}`]),
    ...(high === "" ? [] : [`${closing === "]" ? "at most" : "below"} ${high}`]),
  ];
  return `${kind === "int" ? "a whole number" : "a number"}${bounds.length === 0 ? "" : ` ${bounds.join(" and ")}`}`;
}

function shown(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
