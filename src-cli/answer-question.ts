import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Question } from "../src-core/contract/operation.ts";
import { plainLine } from "./screen.ts";

/** Where the person types; a test's own, else the terminal. */
interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

const ownTerminal: Terminal = { input: process.stdin, output: process.stderr };

/** Asks on the terminal what an operation asks; null where the person declines: an empty line, Ctrl-C, anything but a yes. */
export async function answerQuestion(
  { kind, message }: Question,
  { input, output }: Terminal = ownTerminal,
): Promise<string | null> {
  const isSecret = kind === "secret";
  output.write(`${plainLine(message)} ${kind === "confirmation" ? "[y/N] " : ""}`);
  // What is typed is shown by readline alone, as long as it has the terminal: into nothing for a secret.
  const shown = isSecret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : output;
  const lines = createInterface({ input, output: shown, terminal: isSecret, prompt: "" });
  const text = await new Promise<string | null>((resolve) => {
    lines.once("line", resolve);
    for (const end of ["close", "SIGINT"]) lines.once(end, () => resolve(null));
  });
  lines.close();
  if (isSecret) output.write("\n");
  if (text === null || text === "") return null;
  if (kind === "confirmation") return /^y(es)?$/i.test(text.trim()) ? "yes" : null;
  return text;
}
