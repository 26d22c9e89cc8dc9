import type { CliGroup } from "../src-core/contract/operation.ts";
import { globalFlags } from "./arguments-globals.ts";
import type { Command, Manifest, Parameter } from "./manifest.ts";
import { isOnByDefault } from "./on-by-default.ts";

/** Renders the help from the manifest. This file imports only types and constants, so `--help` loads nothing else. */

/** Width of the help in columns, which every terminal has. */
const width = 80;

/** Headings in the order of the help. The declaration of an operation names its group. */
const titles: Readonly<Record<CliGroup, string>> = {
  start: "Start",
  runs: "Runs and decisions",
  routing: "Where to train",
  data: "Data and configuration",
  machine: "Machine",
};

/** First words of commands in the order in which they are usually needed. The other commands follow, by name. */
const usualOrder: readonly string[] = [
  ...["init", "run", "status", "doctor"],
  ...["runs", "stage", "reproduce", "metrics", "promotion", "models", "ledger", "lineage"],
  ...["assess", "route", "plan", "train", "routing"],
  ...["configs", "splits", "data"],
  ...["mlflow", "operations", "env", "gc"],
];

export function rootHelp(manifest: Manifest): string {
  const lines = [
    `signalbox ${manifest.version}: from a table to a promotion decision that can be defended`,
    "",
    "Usage: signalbox COMMAND [OPTIONS]",
  ];
  for (const [group, title] of Object.entries(titles)) {
    const commands = inUsualOrder(manifest.commands.filter((command) => command.group === group));
    lines.push("", `${title}:`, ...commands.map(({ words, summary }) => row(words.join(" "), summary, 24)));
  }
  lines.push(
    "",
    "Global options:",
    ...globalFlags.map(globalRow),
    row("completion SHELL", "Print the completion script for bash, zsh or fish", 24),
  );
  lines.push(
    "",
    "First steps:",
    "  signalbox init demo --sample flights && signalbox run --project demo",
    "  signalbox init mine --table table.csv --target price",
    "  signalbox run --project mine",
    "",
  );
  return lines.join("\n");
}

/** The manifest is sorted by name, and commands of equal rank keep that order. */
function inUsualOrder(commands: readonly Command[]): readonly Command[] {
  const rank = ({ words: [first = ""] }: Command) =>
    usualOrder.includes(first) ? usualOrder.indexOf(first) : usualOrder.length;
  return commands.toSorted((a, b) => rank(a) - rank(b));
}

export function commandHelp(command: Command): string {
  const usage = [
    "Usage: signalbox",
    ...command.words,
    ...command.positionals.map((it) => (it.isRequired ? it.valueName : `[${it.valueName}]`) + (it.isList ? "…" : "")),
    ...(command.options.length > 0 ? ["[OPTIONS]"] : []),
  ].join(" ");
  const lines = [
    ...wrap(command.summary, width),
    ...(command.description === undefined ? [] : ["", ...wrap(command.description, width)]),
    "",
    ...wrap(usage, width - 2).map((line, index) => (index === 0 ? line : `  ${line}`)),
  ];
  if (command.positionals.length > 0)
    lines.push("", "Arguments:", ...command.positionals.map((it) => row(it.valueName, describe(it, "several"), 24)));
  if (command.options.length > 0)
    lines.push("", "Options:", ...command.options.map((it) => row(optionTerm(it), describe(it), 24)));
  lines.push(
    "",
    "Global options:",
    ...globalFlags.filter((it) => it.name !== "detach" || command.isLong).map(globalRow),
  );
  if (command.examples.length > 0) lines.push("", "Examples:", ...command.examples.map((it) => `  ${it}`));
  if (command.errors.length > 0) {
    lines.push(
      "",
      "Errors (exit code):",
      ...wrap(command.errors.map((it) => `${it.code}${together}(${it.exitCode})`).join(", "), width - 2).map(
        (it) => `  ${it}`,
      ),
    );
  }
  lines.push("");
  return lines.join("\n");
}

export function groupHelp(manifest: Manifest, words: readonly string[]): string | undefined {
  const commands = manifest.commands.filter((command) => words.every((word, index) => command.words[index] === word));
  if (commands.length === 0) return undefined;
  return [
    `signalbox ${words.join(" ")}:`,
    "",
    ...commands.map((it) => row(it.words.join(" "), it.summary, 24)),
    "",
  ].join("\n");
}

function optionTerm(parameter: Parameter): string {
  const long = `--${isOnByDefault(parameter) ? "[no-]" : ""}${parameter.name}${parameter.kind === "flag" ? "" : ` ${parameter.valueName}`}`;
  return parameter.short === undefined ? long : `-${parameter.short}, ${long}`;
}

function globalRow(flag: (typeof globalFlags)[number]): string {
  const value = "valueName" in flag ? ` ${flag.valueName}` : "";
  const short = "short" in flag ? `-${flag.short}, ` : "";
  return row(`${short}--${flag.name}${value}`, flag.description, 24);
}

function describe(parameter: Parameter, several = "several: separated by commas, or repeated"): string {
  const notes = [
    ...(parameter.choices === undefined ? [] : [`one of ${parameter.choices.join(", ")}`]),
    ...(parameter.isList && parameter.kind !== "flag" ? [several] : []),
    ...(parameter.defaultText === undefined ? [] : [`default ${parameter.defaultText}`]),
  ];
  return [parameter.description, ...(notes.length === 0 ? [] : [`[${notes.join("; ")}]`])].join(" ").trim();
}

function row(term: string, text: string, termWidth: number): string {
  const indent = " ".repeat(termWidth + 4);
  const [first = "", ...others] = wrap(text, width - termWidth - 4);
  const head = term.length > termWidth ? `  ${term}\n${indent}${first}` : `  ${term.padEnd(termWidth)}  ${first}`;
  return [head, ...others.map((line) => indent + line)].join("\n");
}

/** A space where no line is broken. */
const together = "\u00a0";

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \n]+/)) {
    if (line !== "" && line.length + word.length + 1 > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((it) => it.replaceAll(together, " "));
}
