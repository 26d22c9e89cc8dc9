import { commandHelp, groupHelp, rootHelp } from "./help.ts";
import type { Manifest } from "./manifest.ts";
import type { ScannedArguments } from "./scan-globals.ts";

/** Answers help and version, which only need the manifest; undefined for a real command. */
export function answerFromManifest(
  scanned: ScannedArguments,
  load: () => Manifest,
): { readonly text: string; readonly isKnown: boolean } | undefined {
  if (scanned.asksVersion) return { text: `${load().version}\n`, isKnown: true };
  const words = wordsForHelp(scanned, load);
  if (words === undefined) return undefined;
  const text = helpFor(load(), words);
  if (text !== undefined) return { text, isKnown: true };
  return { text: `There is no command '${words.join(" ")}'. signalbox --help lists the commands.\n`, isKnown: false };
}

/** Prints an answer; an unknown command is a usage error. */
export function printAnswer({ text, isKnown }: { readonly text: string; readonly isKnown: boolean }): void {
  (isKnown ? process.stdout : process.stderr).write(text);
  if (!isKnown) process.exitCode = 2;
}

/** Returns the words of the command to show help for; undefined if help wasn't requested. Words after `--` belong to the command. */
function wordsForHelp(scanned: ScannedArguments, load: () => Manifest): readonly string[] | undefined {
  const { argv, own, asksHelp, lacksValue } = scanned;
  if (own[0] === "help") return own.slice(1);
  if (asksHelp) return own.filter((word) => !word.startsWith("-"));
  if (own.length === 0 && lacksValue === undefined) return [];
  // With an option such as --json, it is a command whose second word is missing.
  const isAlone = own.length === 1 && argv[0] === own[0] && (argv.length === 1 || argv[1] === "--");
  return isAlone && isGroup(own[0] ?? "", load()) ? own : undefined;
}

/** Checks whether a word only begins commands (`runs`). Alone, it lists them. */
function isGroup(word: string, { commands }: Manifest): boolean {
  return commands.some((it) => it.words[0] === word) && !commands.some((it) => it.words.join(" ") === word);
}

function helpFor(manifest: Manifest, words: readonly string[]): string | undefined {
  if (words.length === 0) return rootHelp(manifest);
  const matching = manifest.commands.filter((command) => command.words.every((word, index) => words[index] === word));
  const best = matching.sort((a, b) => b.words.length - a.words.length)[0];
  return best === undefined ? groupHelp(manifest, words) : commandHelp(best);
}
