import type { RoutingConfig } from "../../../contract/configs/routing-config.ts";
import { Findings } from "../../configs/check/findings.ts";
import type { Problem } from "../../configs/read/problems.ts";
import type { ConfigFile } from "../../configs/read/read-config.ts";
import { effectivePolicy } from "./policy.ts";
import { valueAt } from "./policy-keys.ts";
import { policyProblems } from "./policy-rules.ts";

const shortForms = [
  "cross_sectional.min_score",
  "cross_sectional.strong_score",
  "symbol.min_score",
  "symbol.strong_score",
];

/** `cross_sectional.min_score` → `cross_sectional.classification.min_score`. */
export function longForm(key: string): string {
  return shortForms.includes(key) ? key.replace(".", ".classification.") : key;
}

/** The key of a policy's value in the file: its short form if that is what is written. */
export function writtenKey(written: object, key: string): string {
  const short = shortForms.find((one) => longForm(one) === key);
  return short !== undefined && valueAt(written, short) !== undefined ? short : key;
}

/**
 * Checks the policy's file against itself, by the rules that the router depends on. `written` is the file's content before
 * defaults are filled in: only it shows whether a long form was given.
 */
export function checkRouting(
  file: Pick<ConfigFile<RoutingConfig>, "value" | "source">,
  written: object,
): readonly Problem[] {
  const findings = new Findings(file);
  for (const short of shortForms) {
    if (valueAt(written, short) === undefined || valueAt(written, longForm(short)) === undefined) continue;
    findings.add(short.split("."), `both \`${short}\` and \`${longForm(short)}\` are given`, {
      hint: "They are the same threshold: remove one of them.",
    });
  }
  for (const { path, message, hint } of policyProblems(effectivePolicy(file.value)))
    findings.add(writtenKey(written, path.join(".")).split("."), message, { hint });
  return findings.problems;
}
