import { hintText } from "../../../contract/command-text.ts";
import type { Check } from "../../../contract/environment.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { Examination, Examiners, Finding } from "./examination.ts";

/** Runs checks side by side. One that throws is reported as a problem, and the others still run. */
export function findingsOf(examiners: Examiners, examination: Examination): Promise<readonly Finding[]> {
  return Promise.all(
    Object.entries(examiners).map(async ([name, examine]): Promise<Finding> => {
      try {
        return await examine(examination);
      } catch (error) {
        const { message, hint, next } = toAppError(error);
        return { name, state: "problem", found: message, fix: hint ?? null, ...(next && { actions: next }) };
      }
    }),
  );
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
