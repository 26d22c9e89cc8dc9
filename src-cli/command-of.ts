import type { CommandForm, FindForm } from "../src-core/contract/command-text.ts";
import type { Command, Manifest } from "./manifest.ts";

/** Finds the form of an operation's command in the manifest, to turn steps into commands. */
export function formsOf({ commands }: Manifest): FindForm {
  return (operation) => {
    const command = commands.find((it) => it.operation === operation);
    return command === undefined ? undefined : formOf(command);
  };
}

function formOf({ words, positionals, options }: Command): CommandForm {
  return {
    path: words.join(" "),
    positionals: positionals.map(({ key }) => key),
    valueNames: Object.fromEntries([...positionals, ...options].map(({ key, valueName }) => [key, valueName])),
  };
}
