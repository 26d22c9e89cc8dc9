import type { AppError } from "../src-core/contract/errors.ts";
import { paint, plain, type Screen, type Style } from "./screen.ts";
import { hanging } from "./text.ts";

/** An error for a person: what is wrong, its further findings, the next step, the code. */
export function renderError(error: AppError, screen: Screen): string {
  const lines = [labelled(screen, ["error", "red"], error.message)];
  for (const finding of findingsOf(error)) lines.push(hanging(screen, "       - ", finding));
  if (error.hint !== undefined) lines.push(labelled(screen, ["next", "cyan"], error.hint));
  lines.push(paint(screen, "dim", `code   ${error.code}`));
  if (error.code === "internal/unexpected" && error.cause instanceof Error && error.cause.stack !== undefined) {
    lines.push(paint(screen, "dim", plain(error.cause.stack)));
  }
  return lines.join("\n");
}

/** An error that is a question: what would be done, and the command that would do it. */
export function renderQuestion(error: AppError, screen: Screen): string {
  return `${plain(error.message)}\n${paint(screen, "dim", plain(error.hint ?? ""))}\nDo it now?`;
}

function labelled(screen: Screen, [label, style]: readonly [string, Style], text: string): string {
  return paint(screen, style, label) + hanging(screen, "       ", text).slice(label.length);
}

/** Errors that list several findings carry them as `details.findings`, one text each. */
function findingsOf(error: AppError): readonly string[] {
  const findings = error.details?.findings;
  return Array.isArray(findings) ? findings.map((it) => (typeof it === "string" ? it : JSON.stringify(it))) : [];
}
