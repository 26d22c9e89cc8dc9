import { commandWords, type FindForm } from "../src-core/contract/command-text.ts";
import type { AppError } from "../src-core/contract/errors.ts";
import { renderQuestion } from "./error-view.ts";
import type { Screen } from "./screen.ts";

/** The answer to a question: the commands to run, and whether the original command runs again afterwards. */
export interface Answer {
  readonly commands: readonly (readonly string[])[];
  readonly runsAgain: boolean;
}

/** Returns what a yes means if the error is a question; undefined for any other error. */
export function answerTo({ next = [] }: AppError, find: FindForm): Answer | undefined {
  const answering = next.flatMap((step) => {
    if ("program" in step || step.answers === undefined) return [];
    const words = commandWords(step, find);
    return words === undefined ? [] : [{ words, answers: step.answers }];
  });
  if (answering.length === 0) return undefined;
  return {
    commands: answering.map(({ words }) => words),
    runsAgain: answering.every(({ answers }) => answers === "first"),
  };
}

/** Asks on the terminal. Any answer except y or yes is a no. */
export async function isAgreed(question: AppError, screen: Screen, find: FindForm): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const text = await terminal.question(`${renderQuestion(question, screen, find)} [y/N] `);
    return /^y(es)?$/i.test(text.trim());
  } catch {
    // Ctrl-C or Ctrl-D at the question.
    return false;
  } finally {
    terminal.close();
  }
}
