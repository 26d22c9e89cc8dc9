import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { realDvc } from "../../../../test/support/real-dvc.ts";
import { dvcScalar } from "../../../foundation/text/dvc-scalar.ts";
import { parseDvcFile } from "./dvc-file.ts";
import { dvcLockText, parseDvcLock } from "./dvc-lock.ts";

const awkward = [
  "plain",
  "with space",
  "a: b",
  "a:b",
  "a #b",
  "a#b",
  "#a",
  "- a",
  "-a",
  "-",
  "?",
  "? a",
  "?a",
  ":",
  ":a",
  "1",
  "1.5",
  "1e5",
  "0x1f",
  "0o17",
  "1_000",
  "true",
  "True",
  "null",
  "~",
  "~a",
  "=",
  "<<",
  "2024-01-01",
  "2024-1-1 10:00:00",
  "it's",
  'say "x"',
  "[a]",
  "a[b]",
  "{a}",
  "a,b",
  "!a",
  "&a",
  "*a",
  "|a",
  ">a",
  "%a",
  "@a",
  "`a",
  "'a",
  '"a',
  "---",
  "...",
  "---a",
  " lead",
  "trail ",
  "été",
  "日本",
  "\u{1F600}",
  "\u00a0x",
  "tab\tx",
  "line\nbreak",
  "\u007f",
  "yes",
  "no",
  "on",
  "12e03",
  ".5",
  "+1",
  ".inf",
  "x".repeat(100),
  `${"word ".repeat(30)}end`,
  `${"it is ".repeat(20)}#no`,
  `# ${"word ".repeat(30)}end`,
  "a".repeat(72),
  "a".repeat(73),
  "1e".repeat(40),
];

it("writes names as DVC's own YAML writer does", async () => {
  const python = path.join(path.dirname(await realDvc()), "python");
  expect(existsSync(python)).toBe(true);
  const program = `
import json, sys
from dvc.utils.serialize import dumps_yaml
names = json.load(sys.stdin)
json.dump([dumps_yaml({"outs": [{"md5": "x", "path": name}]}) for name in names], sys.stdout)`;
  const { stdout, stderr } = spawnSync(python, ["-c", program], { input: JSON.stringify(awkward), encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  const theirs = JSON.parse(stdout) as readonly string[];
  const ours = awkward.map((name) => `outs:\n- md5: x\n  path:${dvcScalar(name, 7, 4)}\n`);
  expect(ours).toEqual(theirs);
});

it("writes any name so that it is read back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
      expect(parse(`path:${dvcScalar(name, 5, 2)}\n`)).toEqual({ path: name });
    }),
  );
});

it("reads an md5 of digits only as a string, and refuses a nonsense .dvc file by name", () => {
  const file = parseDvcFile("outs:\n- md5: 11111111111111111111111111111111\n  hash: md5\n  path: 12\n", "a/x.dvc");
  expect(file.outs[0]).toMatchObject({ path: "a/12", hash: "1".repeat(32), hashName: "md5" });
  for (const text of ["outs: 1\n", "outs:\n- md5: [\n", "outs:\n- path: ../../x\n", "outs:\n- md5: zz\n  path: x\n"])
    expect(() => parseDvcFile(text, "a/x.dvc")).toThrow(/x\.dvc isn't a valid DVC file/);
});

it("writes a dvc.lock with items sorted by path, and reads it again", () => {
  const text = dvcLockText({
    make: {
      cmd: "python make.py",
      deps: [
        { path: "b.csv", md5: "b".repeat(32), size: 2 },
        { path: "a.csv", md5: "a".repeat(32), size: 1 },
      ],
      params: { "params.yaml": { seed: 1, name: "x: y" } },
      outs: [{ path: "out", md5: `${"c".repeat(32)}.dir`, size: 3, nfiles: 2 }],
    },
  });
  expect(text).toBe(`schema: '2.0'
stages:
  make:
    cmd: python make.py
    deps:
    - path: a.csv
      hash: md5
      md5: ${"a".repeat(32)}
      size: 1
    - path: b.csv
      hash: md5
      md5: ${"b".repeat(32)}
      size: 2
    params:
      params.yaml:
        name: 'x: y'
        seed: 1
    outs:
    - path: out
      hash: md5
      md5: ${"c".repeat(32)}.dir
      size: 3
      nfiles: 2
`);
  expect(parseDvcLock(text, "dvc.lock")).toMatchObject([{ path: "out", files: 2, hashName: "md5" }]);
});
