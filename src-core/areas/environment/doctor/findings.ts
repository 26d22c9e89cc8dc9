import { hintText } from "../../../contract/command-text.ts";
import type { Check } from "../../../contract/environment.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { Examination, Examiners, Finding } from "./examination.ts";

/**
 * Runs checks side by side. One that throws is reported as a problem, and the others still run. What another check has found already is
 * said once.
 */
export async function findingsOf(examiners: Examiners, examination: Examination): Promise<readonly Finding[]> {
  const found = await Promise.all(
    Object.entries(examiners).map(async ([name, examine]) => {
      try {
        return { finding: await examine(examination), isThrown: false };
      } catch (error) {
        const { message, hint, next } = toAppError(error);
        const finding: Finding = { name, state: "problem", found: message, fix: hint ?? null };
        return { finding: next === undefined ? finding : { ...finding, actions: next }, isThrown: true };
      }
    }),
  );
  return found.map(({ finding, isThrown }, at) => {
    const cause = found.find((it, other) => it.finding.found === finding.found && (!it.isThrown || other < at));
    if (!isThrown || cause === undefined) return finding;
    return { name: finding.name, state: "warning", found: `not checked, because of ${cause.finding.name}`, fix: null };
  });
}

/** Adds the steps of each finding to its advice, in words. */
export async function checksOf(findings: readonly Finding[]): Promise<readonly Check[]> {
  // Imported late, because it loads the declarations of every area.
  const { declaredForm } = await import("../../../contract/declared-forms.ts");
  return findings.map(({ fix, actions = [], ...finding }): Check => {
    const inWords = finding.state === "ok" ? fix : hintText({ hint: fix, next: actions }, declaredForm);
    return { ...finding, fix: inWords, actions: [...actions] };
  });
}
