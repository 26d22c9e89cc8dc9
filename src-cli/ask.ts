import type { AppError } from "../src-core/contract/errors.ts";
import { renderQuestion } from "./error-view.ts";
import type { Screen } from "./screen.ts";

/** What answers an open question: the commands that its error's hint names, and whether the first command is then run again. */
export interface Answer {
  readonly commands: readonly (readonly string[])[];
  readonly runsAgain: boolean;
}

const prefix = "signalbox ";

/** The command that would answer, where an error is a question; undefined for every other error. */
export function answerTo({ code, hint }: AppError): Answer | undefined {
  if (code !== "cli/needs-answer" && code !== "environment/group-missing") return undefined;
  const text = hint?.slice(hint.indexOf(prefix)).split("\n")[0] ?? "";
  const commands = text.split(" && ").filter((it) => it.startsWith(prefix));
  if (commands.length === 0) return undefined;
  return {
    commands: commands.map((it) => it.slice(prefix.length).trim().split(/\s+/)),
    runsAgain: code === "environment/group-missing",
  };
}

/** Asks on the terminal; anything but y or yes is a no. */
export async function isAgreed(question: AppError, screen: Screen): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const text = await terminal.question(`${renderQuestion(question, screen)} [y/N] `);
    return /^y(es)?$/i.test(text.trim());
  } catch {
    // Ctrl-C or Ctrl-D at the question.
    return false;
  } finally {
    terminal.close();
  }
}
