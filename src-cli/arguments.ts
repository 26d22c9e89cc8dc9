import { AppError } from "../src-core/contract/errors.ts";
import { nearest } from "../src-core/contract/nearest.ts";
import { globalFlags } from "./arguments-globals.ts";
import type { Command, Manifest, Parameter } from "./manifest.ts";
import { type ScannedArguments, splitWord } from "./scan-globals.ts";

export type Invocation =
  | { readonly kind: "completion"; readonly shell: string }
  | { readonly kind: "call"; readonly command: Command; readonly input: Readonly<Record<string, unknown>> };

/** Parses the call of a command. Help and version are answered earlier (help-answer.ts). */
export function parseArguments({ globals, own, after, lacksValue }: ScannedArguments, manifest: Manifest): Invocation {
  if (lacksValue !== undefined) throw usage(`${lacksValue} needs a value.`, "signalbox --help");
  if (globals.json && globals.jsonl) throw usage("--json and --jsonl can't be used together.", "signalbox --help");
  if (own[0] === "completion") return { kind: "completion", shell: own[1] ?? "bash" };
  const command = matchCommand(own, manifest);
  return { kind: "call", command, input: inputOf(command, [...own.slice(command.words.length), ...after]) };
}

function matchCommand(rest: readonly string[], manifest: Manifest): Command {
  const matching = manifest.commands
    .filter((command) => command.words.every((word, index) => rest[index] === word))
    .sort((a, b) => b.words.length - a.words.length);
  const [best] = matching;
  if (best !== undefined) return best;
  const typed = rest
    .filter((word) => !word.startsWith("-"))
    .slice(0, 2)
    .join(" ");
  const group = manifest.commands.filter((command) => command.words[0] === rest[0]);
  const names = (group.length > 0 ? group : manifest.commands).map((command) => command.words.join(" "));
  const near = nearest(typed, names);
  throw usage(
    group.length > 0 && rest.length === 1
      ? `'${rest[0]}' needs one of: ${group.map((c) => c.words.slice(1).join(" ")).join(", ")}.`
      : `There is no command '${typed}'.`,
    near === undefined ? "signalbox --help lists the commands." : `Did you mean 'signalbox ${near}'?`,
  );
}

function inputOf(command: Command, words: readonly string[]): Readonly<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  const positional: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      positional.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-" || /^-\d/.test(word)) {
      positional.push(word);
      continue;
    }
    const { name, inline } = splitWord(word);
    const { option, isNegated } = optionOf(command, name.replace(/^--?/, ""), word);
    if (option.kind === "flag") {
      if (inline !== undefined && inline !== "true" && inline !== "false")
        throw usage(`${word}: --${option.name} takes no value.`, helpOf(command));
      input[option.key] = !isNegated && inline !== "false";
      continue;
    }
    const value = inline ?? words[++at];
    if (value === undefined) throw usage(`--${option.name} needs a value (${option.valueName}).`, helpOf(command));
    put(input, { parameter: option, label: `--${option.name}` }, value);
  }
  fillPositionals(command, positional, input);
  for (const parameter of [...command.positionals, ...command.options]) {
    if (parameter.isRequired && input[parameter.key] === undefined) {
      const shown = command.positionals.includes(parameter) ? parameter.valueName : `--${parameter.name}`;
      throw usage(`${shown} is missing: ${parameter.description || parameter.name}.`, helpOf(command));
    }
  }
  return input;
}

function optionOf(command: Command, name: string, word: string) {
  const parameters = [...command.options, ...command.positionals];
  const byName = (wanted: string) =>
    parameters.find((it) => it.name === wanted || (!word.startsWith("--") && it.short === wanted));
  const plain = byName(name);
  if (plain !== undefined) return { option: plain, isNegated: false };
  const positive = name.startsWith("no-") ? byName(name.slice(3)) : undefined;
  if (positive?.kind === "flag") return { option: positive, isNegated: true };
  const near = nearest(name, parameters.map((it) => it.name).concat(globalFlags.map((it) => it.name)));
  throw usage(
    `'${command.words.join(" ")}' has no option '${word}'.`,
    near === undefined ? helpOf(command) : `Did you mean --${near}?`,
  );
}

/** Adds a value to the input. `label` is the parameter as the user wrote it: `--target` or TARGET. */
function put(
  input: Record<string, unknown>,
  { parameter, label }: { readonly parameter: Parameter; readonly label: string },
  text: string,
): void {
  if (parameter.kind === "pairs") {
    const at = text.indexOf("=");
    if (at < 1) throw usage(`--${parameter.name} takes KEY=VALUE, not '${text}'.`, "Example: --set feature_version=2");
    const [key, value] = [text.slice(0, at), text.slice(at + 1)];
    const given = input[parameter.key] as Readonly<Record<string, string>> | undefined;
    if (given !== undefined && Object.hasOwn(given, key) && given[key] !== value)
      throw usage(`--${parameter.name} has '${key}' twice: ${given[key]} and ${value}.`, "Give each key only once.");
    input[parameter.key] = { ...given, [key]: value };
    return;
  }
  const value = readValue(parameter, label, text);
  const given = input[parameter.key];
  if (!parameter.isList && given !== undefined && given !== value)
    throw usage(`${label} is given twice: ${String(given)} and ${text}.`, "Give it only once.");
  // Commas are left to the operation, which knows whether a name holds one.
  input[parameter.key] = parameter.isList ? [...((given as unknown[] | undefined) ?? []), value] : value;
}

function readValue(parameter: Parameter, label: string, text: string): unknown {
  if (text === "") throw usage(`${label} is empty: ${parameter.description || parameter.name}.`);
  if (parameter.kind === "choice" && !parameter.choices?.includes(text)) {
    const near = nearest(text, parameter.choices ?? []);
    throw usage(
      `${label} must be one of ${parameter.choices?.join(", ")}, not '${text}'.`,
      near === undefined ? undefined : `Did you mean '${near}'?`,
    );
  }
  if (parameter.kind !== "integer" && parameter.kind !== "number") return text;
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || (parameter.kind === "integer" && !Number.isInteger(number))) {
    throw usage(`${label} must be ${parameter.kind === "integer" ? "a whole number" : "a number"}, not '${text}'.`);
  }
  return number;
}

function fillPositionals(command: Command, words: readonly string[], input: Record<string, unknown>): void {
  let at = 0;
  for (const parameter of command.positionals) {
    if (parameter.isList) {
      if (at < words.length)
        input[parameter.key] = words.slice(at).map((word) => readValue(parameter, parameter.valueName, word));
      at = words.length;
    } else if (at < words.length) {
      put(input, { parameter, label: parameter.valueName }, words[at] ?? "");
      at++;
    }
  }
  if (at < words.length)
    throw usage(`'${command.words.join(" ")}' doesn't take the argument '${words[at]}'.`, helpOf(command));
}

function helpOf(command: Command): string {
  return `signalbox ${command.words.join(" ")} --help shows its arguments and options.`;
}

function usage(message: string, hint?: string): AppError {
  return new AppError({ code: "cli/usage", message, hint });
}
