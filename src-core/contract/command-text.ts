import type { NextStep, OperationStep } from "./next-step.ts";

/** Turns a step into the command that a user types. Derived from the operation's declaration; no other module does this. */

/** The part of a declaration that is needed here. Both `CliHints` and the commands of the manifest have it. */
export interface CommandForm {
  /** The words of the command: "runs list". */
  readonly path: string;
  /** Input keys taken by position, in order. */
  readonly positionals?: readonly string[];
  /** Name of a value in the help, by input key. */
  readonly valueNames?: Readonly<Record<string, string>>;
  /** Words before those of the command: options that the caller gave for the whole command line, such as the project's folder. */
  readonly before?: readonly string[];
}

/** Finds the form of an operation's command; undefined for an operation that this version doesn't know. */
export type FindForm = (operation: string) => CommandForm | undefined;

/** "feature-version" for the key `featureVersion`. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The name of a key's value in the help and in a command with a placeholder: FEATURE_VERSION. */
export function valueNameOf(key: string, valueNames: CommandForm["valueNames"]): string {
  return valueNames?.[key] ?? kebab(key).toUpperCase().replaceAll("-", "_");
}

/** The arguments of the command, without the program's name; undefined for an unknown operation. */
export function commandWords(step: OperationStep, find: FindForm): readonly string[] | undefined {
  const form = find(step.operation);
  if (form === undefined) return undefined;
  const { positionals = [], valueNames } = form;
  const input: Readonly<Record<string, unknown>> = {
    ...step.input,
    ...Object.fromEntries((step.asks ?? []).map((key) => [key, valueNameOf(key, valueNames)])),
  };
  const given = Object.keys(input).filter((key) => input[key] !== undefined);
  // After a missing positional argument, the following keys can only be passed as options.
  const open = positionals.findIndex((key) => !given.includes(key));
  const placed = open < 0 ? positionals : positionals.slice(0, open);
  const byPosition = placed.flatMap((key) => valuesOf(input[key]));
  const options = given.filter((key) => !placed.includes(key)).flatMap((key) => optionWords(key, input[key]));
  const words = [...(form.before ?? []), ...form.path.split(" ")];
  const isGuarded = byPosition.some((word) => word.startsWith("-"));
  return isGuarded ? [...words, ...options, "--", ...byPosition] : [...words, ...byPosition, ...options];
}

function optionWords(key: string, value: unknown): readonly string[] {
  const name = `--${kebab(key)}`;
  if (value === true) return [name];
  if (value === false) return [`--no-${kebab(key)}`];
  return valuesOf(value).flatMap((word) => [name, word]);
}

function valuesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(valuesOf);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).map(([key, it]) => `${key}=${typeof it === "object" ? JSON.stringify(it) : it}`);
  return [shortId(String(value))];
}

/** Shows eight characters of a run's id and twelve of a digest. Every command accepts such a prefix. */
function shortId(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text.slice(0, 12);
  return /^[0-9a-f]{32}$/.test(text) ? text.slice(0, 8) : text;
}

/** Renders a step as a line for a shell; undefined for an unknown operation. */
export function commandText(step: NextStep, find: FindForm): string | undefined {
  const words = "program" in step ? [step.program, ...step.argv] : commandWords(step, find);
  if (words === undefined) return undefined;
  return ("program" in step ? words : ["signalbox", ...words]).map(quoted).join(" ");
}

/** Quotes a word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Renders steps as lines; the effect of each follows after a `#`. */
export function commandLines(steps: readonly NextStep[], find: FindForm): readonly string[] {
  return steps.flatMap((step) => {
    const command = commandText(step, find);
    if (command === undefined) return [];
    return [step.why === "" ? command : `${command}   # ${step.why}`];
  });
}

/** Joins a hint and the commands of its steps into one string; null if there is neither. */
export function hintText(
  { hint, next = [] }: { readonly hint?: string | null | undefined; readonly next?: readonly NextStep[] | undefined },
  find: FindForm,
): string | null {
  const lines = [...(hint ? [hint] : []), ...commandLines(next, find)];
  return lines.length === 0 ? null : lines.join("\n");
}
