import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseArguments } from "../../src-cli/arguments.ts";
import { formsOf } from "../../src-cli/command-of.ts";
import { buildManifest, type Command, type Parameter } from "../../src-cli/manifest.ts";
import { scanArguments } from "../../src-cli/scan-globals.ts";
import { commandText, commandWords } from "../../src-core/contract/command-text.ts";
import { operations } from "../../src-core/contract/index.ts";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";
import { stepsBuiltBelow, textsBelow, unknownValue } from "../support/source-strings.ts";

const manifest = buildManifest("1.2.3");
const built = stepsBuiltBelow("src-core");

function commandFor(operation: unknown): Command {
  const command = manifest.commands.find((it) => it.operation === operation);
  if (command === undefined) throw new Error(`no command for ${String(operation)}`);
  return command;
}

function sampleOf({ kind, isList, choices }: Parameter): unknown {
  const one = kind === "choice" ? choices?.[0] : kind === "integer" || kind === "number" ? 3 : `a 'word'`;
  if (kind === "flag") return true;
  if (kind === "pairs") return { a: "b c" };
  return isList ? [one, "-x"] : one;
}

/** The literal value in the source, or a sample if the source only names a value. */
function filled(command: Command, input: Readonly<Record<string, unknown>>, asks: readonly unknown[]) {
  const parameters = [...command.positionals, ...command.options];
  const sample = (key: string) => {
    const parameter = parameters.find((it) => it.key === key);
    if (parameter === undefined) throw new Error(`'${command.words.join(" ")}' takes no ${key}`);
    return sampleOf(parameter);
  };
  const isOpen = (value: unknown) =>
    value === unknownValue || (Array.isArray(value) && value.some((it) => it === unknownValue));
  return Object.fromEntries([
    ...Object.entries(input).map(([key, value]) => [key, isOpen(value) ? sample(key) : value]),
    ...asks.map((key) => [key, sample(String(key))]),
  ]);
}

describe("every next step that the core builds", () => {
  it("is found by the search of this test", () => {
    expect(built.length).toBeGreaterThan(80);
    expect(new Set(built.map(({ operation }) => operation)).size).toBeGreaterThan(20);
  });

  it.each(built)("spells out its operation and the keys of its input: $place", ({ operation, input }) => {
    expect(typeof operation).toBe("string");
    expect(input).toBeDefined();
  });

  it.each(built)("is a command that the command line parses into the same call: $place", (step) => {
    const command = commandFor(step.operation);
    const input = filled(command, step.input ?? {}, step.asks);
    const words = commandWords({ operation: command.operation, input, why: "" }, formsOf(manifest)) ?? [];
    expect(parseArguments(scanArguments(words), manifest)).toMatchObject({
      kind: "call",
      command: { operation: step.operation },
      input,
    });
  });

  it.each(built.filter(({ asks }) => asks.length > 0))("shows what the user has to fill in: $place", (step) => {
    const command = commandFor(step.operation);
    const asks = step.asks.map(String);
    const text = commandText({ operation: command.operation, input: {}, asks, why: "" }, formsOf(manifest)) ?? "";
    const asked = [...command.positionals, ...command.options].filter(({ key }) => asks.includes(key));
    for (const { valueName } of asked) expect(text).toContain(valueName);
    expect(asked).toHaveLength(asks.length);
  });
});

it("names an operation, in the trainer's steps, too", () => {
  const named = globSync("trainer/signalbox_trainer/**/*.py", { cwd: appRoot }).flatMap((file) =>
    [...readFileSync(path.join(appRoot, file), "utf8").matchAll(/"operation": "([^"]+)"/g)].map((it) => it[1]),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((id) => !Object.hasOwn(operations, id ?? ""))).toEqual([]);
});

describe("a command in a string", () => {
  const words = [...new Set(manifest.commands.map((it) => it.words[0])), "--help"].join("|");
  const command = new RegExp(`\\bsignalbox ((${words})\\b|$)`);

  /** The words that a declaration has for the command line alone. */
  const isExample = ({ place, keys }: { readonly place: string; readonly keys: readonly string[] }) =>
    place.startsWith("src-core/contract/") && keys.at(-2) === "cli" && keys.at(-1) === "examples";

  it("is an example in the command line's part of a declaration, because a face without commands couldn't show it", () => {
    const texts = textsBelow("src-core").filter(({ text }) => command.test(text));
    const wrong = texts.filter((it) => !isExample(it));
    expect(wrong.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
    // The search finds the allowed strings, so this test can fail.
    expect(texts.length).toBeGreaterThan(10);
  });

  it("has no flag in a declaration either: summaries, descriptions and fields are read in every face", () => {
    // This module derives the flags.
    const derives = "src-core/contract/command-text.ts:";
    const texts = textsBelow("src-core/contract").filter(({ text }) => /(^|[\s`("'])--[a-z]/.test(text));
    const wrong = texts.filter((it) => !isExample(it) && !it.place.startsWith(derives));
    expect(wrong.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
    expect(texts.length).toBeGreaterThan(5);
  });
});
