import { commandHelp, groupHelp, rootHelp } from "./help.ts";
import type { Manifest } from "./manifest.ts";

/** What needs nothing but the manifest: help and version. `undefined` for a real command. */
export function answerFromManifest(
  argv: readonly string[],
  load: () => Manifest,
): { readonly text: string; readonly isKnown: boolean } | undefined {
  if (argv[0] === "--version" || argv[0] === "-V") return { text: `${load().version}\n`, isKnown: true };
  const words = wordsForHelp(argv, load);
  if (words === undefined) return undefined;
  const text = helpFor(load(), words);
  if (text !== undefined) return { text, isKnown: true };
  return { text: `No command '${words.join(" ")}'. signalbox --help lists them.\n`, isKnown: false };
}

/** Prints an answer; an unknown command is a usage error. */
export function printAnswer({ text, isKnown }: { readonly text: string; readonly isKnown: boolean }): void {
  (isKnown ? process.stdout : process.stderr).write(text);
  if (!isKnown) process.exitCode = 2;
}

/** The command asked about, or undefined if this is no call for help. What stands behind `--` is the command's own. */
function wordsForHelp(args: readonly string[], load: () => Manifest): readonly string[] | undefined {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.length === 0) return [];
  if (own[0] === "help") return own.slice(1);
  if (own.length === 1 && isGroup(own[0] ?? "", load())) return own;
  if (!own.includes("--help") && !own.includes("-h")) return undefined;
  return own.filter(
    (word, index) => !word.startsWith("-") && own[index - 1] !== "--project" && own[index - 1] !== "--tracking-uri",
  );
}

/** A word that only begins commands (`runs`): alone it asks what there is. */
function isGroup(word: string, { commands }: Manifest): boolean {
  return commands.some((it) => it.words[0] === word) && !commands.some((it) => it.words.join(" ") === word);
}

function helpFor(manifest: Manifest, words: readonly string[]): string | undefined {
  if (words.length === 0) return rootHelp(manifest);
  const matching = manifest.commands.filter((command) => command.words.every((word, index) => words[index] === word));
  const best = matching.sort((a, b) => b.words.length - a.words.length)[0];
  return best === undefined ? groupHelp(manifest, words) : commandHelp(best);
}
