import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { completionScript } from "../../src-cli/completion.ts";
import { buildManifest, type Parameter } from "../../src-cli/manifest.ts";
import { isOnByDefault } from "../../src-cli/on-by-default.ts";

/** A flag that is on by default can only be turned off. */
const typed = (option: Parameter): string => `${isOnByDefault(option) ? "no-" : ""}${option.name}`;

const manifest = buildManifest("0.0.0");
const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scriptOf = (shell: string): string => {
  const file = path.join(folder, `signalbox.${shell}`);
  writeFileSync(file, completionScript(shell, manifest));
  return file;
};

/** Warns loudly about a shell that isn't installed, instead of skipping its tests silently. */
function has(shell: string): boolean {
  const isThere = spawnSync(shell, ["--version"]).status === 0;
  if (!isThere) process.stderr.write(`\n!!! ${shell} isn't installed: its completion was only checked as text.\n`);
  return isThere;
}

function bashWords(words: readonly string[]): readonly string[] {
  const program = `source ${scriptOf("bash")}
COMP_WORDS=(${words.map((it) => `'${it}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_signalbox; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", program], { encoding: "utf8", cwd: folder }).trim().split("\n");
}

describe("completion in bash", () => {
  it("offers the first words of all commands", () => {
    const first = [...new Set(manifest.commands.map((it) => it.words[0]))].sort();
    expect([...bashWords(["signalbox", ""])].filter((it) => !["help", "completion"].includes(it)).sort()).toEqual(
      first,
    );
  });

  it("continues with a group's second words", () => {
    expect(bashWords(["signalbox", "runs", "co"])).toEqual(["compare"]);
  });

  it("offers a command's own options and the global ones", () => {
    const options = bashWords(["signalbox", "run", "--"]);
    expect(options).toEqual(expect.arrayContaining(["--set", "--dry-run", "--json", "--project"]));
    expect(bashWords(["signalbox", "run", "--dr"])).toEqual(["--dry-run"]);
  });

  it("offers the choices of an option and of an argument", () => {
    expect(bashWords(["signalbox", "ledger", "export", "--format", ""])).toEqual(["json", "jsonl", "csv"]);
    expect(bashWords(["signalbox", "configs", "show", "sp"])).toEqual(["split"]);
  });

  it("continues after global options", () => {
    expect(bashWords(["signalbox", "--project", "p", "runs", "sh"])).toEqual(["show"]);
    expect(bashWords(["signalbox", "--json", "run", "--dr"])).toEqual(["--dry-run"]);
  });

  it("completes after --name=", () => {
    expect(bashWords(["signalbox", "ledger", "export", "--format", "=", "c"])).toEqual(["csv"]);
  });
});

const unheard = (shell: string) => {
  if (!has(shell)) console.warn(`NOT TESTED: ${shell}'s completion in ${shell} itself, which isn't installed here.`);
};

describe("completion in zsh", () => {
  unheard("zsh");
  const file = scriptOf("zsh");
  // The functions of the completion system, which print what they would offer.
  const stubs = `compdef() { : }; compset() { : }; _files() { print FILES }
_describe() { local it; for it in "\${@:2}"; do [[ $it == -- ]] || print -l -- \${(P)it}; done }`;
  const zshWords = (words: readonly string[]): readonly string[] => {
    const script = `${stubs}; source ${file}; words=("$@"); CURRENT=$#; _signalbox`;
    const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", script, "zsh", ...words], { encoding: "utf8" });
    expect(stderr).toBe("");
    const offered = stdout.split("\n").filter(Boolean);
    return offered.map((line) => line.split(":")[0] ?? "");
  };
  describe.runIf(has("zsh"))("itself", () => {
    it("offers the next word at any depth", () => {
      expect(zshWords(["signalbox", ""])).toEqual(expect.arrayContaining(["runs", "ledger", "completion"]));
      expect(zshWords(["signalbox", "--project", "p", "runs", ""])).toEqual(expect.arrayContaining(["list", "resume"]));
      for (const { words } of manifest.commands.filter((it) => it.words.length === 3))
        expect(zshWords(["signalbox", ...words.slice(0, 2), ""])).toContain(words[2]);
    });
    it("offers the values of options and arguments, and options by their dashes", () => {
      expect(zshWords(["signalbox", "ledger", "export", "--format", ""])).toEqual(["json", "jsonl", "csv"]);
      expect(zshWords(["signalbox", "ledger", "export", "--format=c"])).toEqual(["json", "jsonl", "csv"]);
      expect(zshWords(["signalbox", "stage", ""])).toEqual(expect.arrayContaining(["split", "decide"]));
      expect(zshWords(["signalbox", "ledger", "export", "--"])).toEqual(expect.arrayContaining(["--format", "--json"]));
      expect(zshWords(["signalbox", "init", "x", "--table", ""])).toEqual(["FILES"]);
    });
  });
  it("names every command and option", () => {
    const text = completionScript("zsh", manifest);
    for (const it of manifest.commands) expect(text).toContain(`'${it.words.join(" ")}'|`);
    for (const it of manifest.commands) for (const option of it.options) expect(text).toContain(`--${typed(option)}`);
  });
});

describe("completion in fish", () => {
  unheard("fish");
  const file = scriptOf("fish");
  const fishWords = (line: string): readonly string[] => {
    const script = `source ${file}; complete -C '${line}'`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    const offered = stdout.split("\n").filter(Boolean);
    return offered.map((it) => it.split("\t")[0] ?? "");
  };
  describe.runIf(has("fish"))("itself", () => {
    it("offers the next word at any depth, and no word of another position", () => {
      expect(fishWords("signalbox ru")).toEqual(expect.arrayContaining(["run", "runs"]));
      expect(fishWords("signalbox --project p runs re")).toEqual(["resume"]);
      for (const { words } of manifest.commands.filter((it) => it.words.length === 3)) {
        expect(fishWords(`signalbox ${words.slice(0, 2).join(" ")} ${words[2]}`)).toContain(words[2]);
        expect(fishWords(`signalbox ${words[0]} ${words[2]}`)).not.toContain(words[2]);
      }
    });
    it("offers the values of options and arguments", () => {
      expect(fishWords("signalbox ledger export --format ")).toEqual(["csv", "json", "jsonl"]);
      expect(fishWords("signalbox stage de")).toEqual(["decide"]);
      expect(fishWords("signalbox ledger export --for")).toEqual(["--format"]);
    });
  });
  it("names every command and option", () => {
    const text = completionScript("fish", manifest);
    for (const it of manifest.commands) {
      expect(text).toContain(`-a '${it.words.at(-1)}'`);
      for (const option of it.options) expect(text).toContain(`-l ${typed(option)}`);
    }
  });
});

it("refuses a shell it doesn't know", () => {
  expect(() => completionScript("powershell", manifest)).toThrow(/powershell/);
});
