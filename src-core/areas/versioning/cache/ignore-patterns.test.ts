import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { gitFolder } from "../../../../test/support/real-dvc.ts";
import { gitignoreEntry, withGitignoreEntry } from "../gitignore.ts";
import { ignoreRules } from "./ignore-patterns.ts";

const paths = [
  "a",
  "a/b",
  "a/b/c.txt",
  "b",
  "b.txt",
  "x/b.txt",
  "x/y/b.txt",
  "build/o",
  "x/build/o",
  "!n",
  "#c",
  "a b",
  "é",
  "[z]",
  "z",
  "foo.log",
  "x/foo.log",
];

it.each([
  ["a"],
  ["/a"],
  ["a/"],
  ["*.txt"],
  ["/*.txt"],
  ["x/*.txt"],
  ["**/b.txt"],
  ["x/**"],
  ["x/**/b.txt"],
  ["build/"],
  ["\\!n"],
  ["\\#c"],
  ["# comment"],
  ["a b"],
  ["?"],
  ["[a-b]"],
  ["[!a]"],
  ["\\[z\\]"],
  ["*.log\n!x/foo.log"],
  ["x/\n!x/b.txt"],
  ["a/b"],
  ["*"],
  ["*\n!b"],
  ["é"],
  [""],
])("ignores by %j what git ignores by it", (text) => {
  const root = gitFolder("patterns");
  writeFileSync(path.join(root, ".gitignore"), `${text}\n`);
  const { stdout } = spawnSync("git", ["-C", root, "check-ignore", "-z", "--no-index", "--stdin"], {
    input: `${paths.join("\0")}\0`,
    encoding: "utf8",
  });
  // For git `?` and `[…]` match one byte, for DVC (and here) one character.
  const isCompared = (file: string) => file !== "" && (file !== "é" || !/[?[]/.test(text));
  const byGit = stdout.split("\0").filter(isCompared);
  const rules = ignoreRules(text);
  expect(paths.filter((file) => rules.ignores(file, false)).filter(isCompared)).toEqual(byGit);
});

it("reads between brackets what DVC reads: no POSIX classes and no escapes", () => {
  const files = ["a", "1", "a]", "l]", ":]", "1]", "b\\]", "b]"];
  const ignoredBy = (text: string) => files.filter((file) => ignoreRules(text).ignores(file, false));
  expect(ignoredBy("[[:alpha:]]")).toEqual(["a]", "l]", ":]"]);
  expect(ignoredBy("b[\\]]")).toEqual(["b\\]"]);
  expect(ignoredBy("[a-")).toEqual([]);
});

it("counts characters as DVC does, not their halves", () => {
  const rules = ignoreRules("x?\n[😀😂]y");
  const files = ["x😀", "xy", "😀y", "😂y", "🙃y", "xab"];
  expect(files.filter((file) => rules.ignores(file, false))).toEqual(["x😀", "xy", "😀y", "😂y"]);
});

it("writes a .gitignore entry that git matches to exactly that name, once", () => {
  for (const name of ["plain", "été [1]*?.bin", "#x", "!y", "a b"]) {
    const root = gitFolder("entry");
    const text = withGitignoreEntry("/other", gitignoreEntry(name));
    expect(text).toBe(`/other\n${gitignoreEntry(name)}\n`);
    expect(withGitignoreEntry(text, gitignoreEntry(name))).toBe(text);
    writeFileSync(path.join(root, ".gitignore"), text);
    const asked = ["-C", root, "check-ignore", "--quiet", "--no-index", "--", name];
    expect(spawnSync("git", asked).status).toBe(0);
  }
});
