import { describe, expect, it } from "vitest";
import { parseArguments } from "../../src-cli/arguments.ts";
import { globalFlags } from "../../src-cli/arguments-globals.ts";
import { rootHelp } from "../../src-cli/help.ts";
import { answerFromManifest } from "../../src-cli/help-answer.ts";
import { buildManifest, type Command } from "../../src-cli/manifest.ts";
import { isOnByDefault } from "../../src-cli/on-by-default.ts";
import { scanArguments } from "../../src-cli/scan-globals.ts";
import { AppError, encodeError } from "../../src-core/contract/errors.ts";
import { operations } from "../../src-core/contract/index.ts";
import type { Operation } from "../../src-core/contract/operation.ts";
import { createClient } from "../../src-core/rpc/client.ts";
import { serve } from "../../src-core/rpc/server.ts";
import { inProcessTransports } from "../../src-core/rpc/transport.ts";

const manifest = buildManifest("1.2.3");
const table = operations as Readonly<Record<string, Operation>>;
const ids = Object.keys(table);

const help = (...argv: string[]) => answerFromManifest(scanArguments(argv), () => manifest);
const parsed = (...argv: string[]) => {
  const scanned = scanArguments(argv);
  const invocation = parseArguments(scanned, manifest);
  if (invocation.kind !== "call") throw new Error(`not a call but ${invocation.kind}`);
  return { ...invocation, globals: scanned.globals };
};
const refused = (...argv: string[]) => {
  try {
    parseArguments(scanArguments(argv), manifest);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error(`accepted: ${argv.join(" ")}`);
};

/** Words that a parameter of this kind accepts. */
function sampleOf(parameter: Command["options"][number]): string {
  if (parameter.kind === "choice") return parameter.choices?.[0] ?? "";
  if (parameter.kind === "integer" || parameter.kind === "number") return "1";
  return parameter.kind === "pairs" ? "a=b" : "word";
}

describe("every declared operation", () => {
  it("has a command of its own", () => {
    expect(manifest.commands.map((it) => it.operation).sort()).toEqual([...ids].sort());
    expect(new Set(manifest.commands.map((it) => it.words.join(" "))).size).toBe(ids.length);
  });

  it.each(manifest.commands)("is summed up in one line without a full stop: $words", ({ summary }) => {
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
    expect(summary.length).toBeLessThanOrEqual(72);
  });

  it.each(manifest.commands)("describes its parameters without a final full stop: $words", (command) => {
    const described = [...command.positionals, ...command.options].map((it) => it.description);
    expect(described.filter((it) => it.endsWith("."))).toEqual([]);
  });

  it.each(manifest.commands)("shows defaults that can be typed: $words", (command) => {
    const defaults = [...command.positionals, ...command.options].flatMap((it) => it.defaultText ?? []);
    expect(defaults.filter((it) => /^$|object|null/.test(it))).toEqual([]);
  });

  it.each(manifest.commands)("is reached from the command line: $words", (command) => {
    const words = command.positionals.map(sampleOf);
    const required = command.options.filter((it) => it.isRequired).flatMap((it) => [`--${it.name}`, sampleOf(it)]);
    expect(parsed(...command.words, ...words, ...required).command.operation).toBe(command.operation);
  });

  it.each(ids)("is reached from the client: %s", async (id) => {
    const [face, core] = inProcessTransports();
    const refuse = () => Promise.reject(new Error("only called"));
    serve(core, {
      build: "test",
      call: async ({ operation }) => ({ output: { answered: operation }, exitCode: 0 }),
      follow: refuse,
      subscribe: () => () => undefined,
    });
    const client = createClient(face) as unknown as { call(id: string, input: unknown): Promise<unknown> };
    await expect(client.call(id, {})).resolves.toEqual({ answered: id });
  });

  it.each(manifest.commands)("has help that names each of its parameters: $words", (command) => {
    const text = help(...command.words, "--help");
    expect(text?.isKnown).toBe(true);
    for (const it of command.options) expect(text?.text).toContain(`--${isOnByDefault(it) ? "[no-]" : ""}${it.name}`);
    for (const it of command.positionals) expect(text?.text).toContain(it.valueName);
    for (const it of command.errors) expect(text?.text).toContain(`${it.code} (${it.exitCode})`);
  });

  it.each(manifest.commands)("describes each of its parameters: $words", (command) => {
    for (const it of [...command.options, ...command.positionals]) {
      expect(it.description, `${command.words.join(" ")} ${it.name}`).not.toBe("");
    }
    expect(command.summary).not.toBe("");
  });

  it.each(manifest.commands)("has no option that hides a global or another option: $words", (command) => {
    const own = [...command.options, ...command.positionals];
    const names = own.map((it) => `--${it.name}`).concat(own.flatMap((it) => (it.short ? [`-${it.short}`] : [])));
    expect(new Set(names).size).toBe(names.length);
    const taken = globalFlags.flatMap((it) => [`--${it.name}`, ...("short" in it ? [`-${it.short}`] : [])]);
    expect(names.filter((name) => taken.includes(name) || name === "-V")).toEqual([]);
  });

  it.each(ids)("has only options, hidden options and arguments that are keys of its input: %s", (id) => {
    const hints = table[id]?.cli;
    const keys = new Set(Object.keys(((table[id]?.input ?? {}) as { shape?: object }).shape ?? {}));
    const named = [
      ...(hints?.positionals ?? []),
      ...(hints?.hidden ?? []),
      ...Object.keys(hints?.short ?? {}),
      ...Object.keys(hints?.valueNames ?? {}),
    ];
    expect(named.filter((key) => !keys.has(key))).toEqual([]);
  });

  it.each(manifest.commands)("shows only examples that parse: $words", (command) => {
    for (const example of command.examples) {
      const words = [...(example.split(" && ")[0]?.matchAll(/'([^']*)'|\S+/g) ?? [])].map((it) => it[1] ?? it[0]);
      expect(words[0], example).toBe("signalbox");
      expect(parsed(...words.slice(1)).command.operation, example).toBe(command.operation);
    }
  });
});

describe("a command line", () => {
  it("takes global options before and after the command", () => {
    expect(parsed("--project", "p", "runs", "list", "--json").globals).toMatchObject({ project: "p", json: true });
    expect(parsed("runs", "list", "--project=q", "-q").globals).toMatchObject({ project: "q", quiet: true });
  });

  it("collects repeated KEY=VALUE pairs", () => {
    const { input } = parsed("run", "--set", "feature_version=2", "--set=split_version=3");
    expect(input.set).toEqual({ feature_version: "2", split_version: "3" });
  });

  it("reads a list from commas, from repeated options and from arguments", () => {
    // The operation knows the columns: "a,b" may be the name of one.
    expect(parsed("init", "d", "--key", "a,b", "--key", "c").input.key).toEqual(["a,b", "c"]);
    expect(parsed("runs", "compare", "1", "2", "3").input.runs).toEqual(["1", "2", "3"]);
  });

  it("reads --no-x as the flag's opposite", () => {
    expect(parsed("run", "--no-promote").input).toEqual({ promote: false });
    expect(parsed("run", "--promote").input).toEqual({ promote: true });
  });

  it("refuses two forms of one answer", () => {
    expect(refused("runs", "list", "--json", "--jsonl").message).toMatch(/can't be used together/);
  });

  it("takes everything after -- literally", () => {
    expect(parsed("data", "add", "--", "--json", "-q").input.paths).toEqual(["--json", "-q"]);
    expect(parsed("data", "add", "--", "--json").globals.json).toBe(false);
  });

  it("reads a negative number as a value", () => {
    expect(refused("runs", "list", "--limit", "x").message).toContain("whole number");
    expect(parsed("runs", "list", "--limit", "-3").input.limit).toBe(-3);
  });

  it.each([
    [["rnu"], "signalbox run"],
    [["runs", "lst"], "signalbox runs list"],
    [["run", "--dry-rnu"], "--dry-run"],
    [["runs", "list", "--projct", "x"], "--project"],
    [["ledger", "export", "-o", "f", "--format", "jsnl"], "jsonl"],
  ])("suggests what was meant by %j", (argv, meant) => {
    const error = refused(...argv);
    expect(error.code).toBe("cli/usage");
    expect(error.hint).toContain("Did you mean");
    expect(error.hint).toContain(meant);
  });

  it.each([
    [["runs", "show", "a", "b"], "doesn't take the argument 'b'"],
    [["init", "d", "--table", "t.csv", "--target", "y", "--target", "x"], "--target is given twice: y and x"],
    [["init", "d", "--table", "t.csv", "--target", ""], "--target is empty"],
    [["stage", "banana"], "NAME must be one of split"],
    [["run", "--seed"], "needs a value"],
    [["run", "--set", "oops"], "KEY=VALUE"],
    [["run", "--dry-run=maybe"], "takes no value"],
    [["--project"], "needs a value"],
    [["ledger", "show"], "is missing"],
    [["promotion", "rollback"], "--reason is missing"],
  ])("refuses %j with the reason", (argv, why) => {
    expect(refused(...argv)).toMatchObject({ code: "cli/usage", message: expect.stringContaining(why) });
  });

  it("is an encoded error like any other", () => {
    const error = encodeError(new AppError({ ...refused("runs", "lst"), code: "cli/usage" }));
    expect(error).toMatchObject({ code: "cli/usage", message: expect.any(String), hint: expect.any(String) });
  });
});

describe("help", () => {
  it("lists every command at the root", () => {
    const text = help()?.text ?? "";
    for (const command of manifest.commands) expect(text).toContain(`  ${command.words.join(" ")} `);
  });

  it("lists each command once, under the heading that its declaration names", () => {
    const text = rootHelp(manifest);
    const headings = [...text.matchAll(/^(\w[\w ]+):$/gm)].map((it) => it[1]);
    expect(headings).toEqual([
      "Start",
      "Runs and decisions",
      "Where to train",
      "Data and configuration",
      "Machine",
      "Global options",
      "First steps",
    ]);
    expect(text).not.toContain("Others");
    const listed = text.split("\n").map((line) => /^ {2}(\S+(?: \S+)*)(?: {2}|$)/.exec(line)?.[1]);
    for (const { words } of manifest.commands) expect(listed.filter((it) => it === words.join(" "))).toHaveLength(1);
  });

  it("lists a new area under its own heading, after the common commands", () => {
    const [any] = manifest.commands;
    if (any === undefined) throw new Error("no command");
    const made = {
      ...any,
      operation: "made.up",
      words: ["aaa", "made"],
      summary: "A made-up command.",
      group: "data",
    } as const;
    const text = rootHelp({ ...manifest, commands: [made, ...manifest.commands] });
    const section = text.slice(text.indexOf("Data and configuration:"), text.indexOf("Machine:"));
    expect(section.trimEnd().split("\n").at(-1)).toMatch(/^ {2}aaa made +A made-up command\.$/);
  });

  it("shows a group's commands for the group's name alone, with --help and through help", () => {
    for (const argv of [["runs", "--help"], ["help", "runs"], ["runs"]]) {
      const text = help(...argv);
      expect(text?.isKnown, argv.join(" ")).toBe(true);
      expect(text?.text).toContain("runs compare");
    }
  });

  it("is the same text for `help run` and `run --help`", () => {
    expect(help("help", "run")?.text).toBe(help("run", "--help")?.text);
    expect(help("--project", "x", "run", "--help")?.text).toBe(help("run", "--help")?.text);
  });

  it("knows no command that doesn't exist", () => {
    expect(help("help", "nothing")).toMatchObject({ isKnown: false });
    expect(help("--version")?.text).toBe("1.2.3\n");
  });

  it("is also shown after global options, or with global options only", () => {
    expect(help("--json", "help", "run")?.text).toBe(help("help", "run")?.text);
    expect(help("--quiet", "--version")?.text).toBe("1.2.3\n");
    expect(help("--project", "x")?.text).toBe(help()?.text);
    expect(help("run", "--project", "--help")?.text).toBe(help("help", "run")?.text);
  });

  it("isn't shown for an option without its value, nor for what follows `--`", () => {
    expect(help("--project")).toBeUndefined();
    expect(help("data", "add", "--", "--help")).toBeUndefined();
    expect(help("runs", "--json")).toBeUndefined();
  });

  it("fits eighty columns", () => {
    for (const command of [...manifest.commands.map((it) => it.words), []]) {
      const text = help("help", ...command)?.text ?? "";
      const long = text.split("\n").filter((line) => line.length > 80 && !/^ {2}signalbox /.test(line));
      expect(long, command.join(" ")).toEqual([]);
    }
  });
});
