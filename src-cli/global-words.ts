import { type FindForm, quoted } from "../src-core/contract/command-text.ts";
import type { GlobalOptions } from "./scan-globals.ts";

/**
 * The options that a next command needs to mean the same: the project and the server that this one was given. Without them, a command that is
 * shown would work on another project, or on none.
 */
export function globalWords({
  project,
  trackingUri,
}: Pick<GlobalOptions, "project" | "trackingUri">): readonly string[] {
  return [
    ...(project === undefined ? [] : ["--project", project]),
    ...(trackingUri === undefined ? [] : ["--tracking-uri", trackingUri]),
  ];
}

/** Makes every command that is built carry these words. */
export function withGlobals(find: FindForm, words: readonly string[]): FindForm {
  if (words.length === 0) return find;
  return (operation) => {
    const form = find(operation);
    return form === undefined ? undefined : { ...form, before: words };
  };
}

/** The same for commands in a text that the core wrote: those at the beginning of a line. */
export function insertGlobals(text: string, words: readonly string[]): string {
  if (words.length === 0) return text;
  return text.replaceAll(/^signalbox(?= |$)/gm, () => ["signalbox", ...words.map(quoted)].join(" "));
}
