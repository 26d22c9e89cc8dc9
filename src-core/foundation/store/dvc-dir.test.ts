import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareCodePoints } from "../text/code-points.ts";
import { dirHash, dirText, parseDir } from "./dvc-dir.ts";

const named = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([relpath, content]) => ({ md5: hash("md5", content), relpath }));

describe("a folder's object", () => {
  it.each([
    [{ foo: "foo", bar: "bar" }, "5ea40360f5b4ec688df672a4db9c17d1.dir"],
    [{ foo: "foo", bar: "bar", foobar: "foobar" }, "a5beca056acbef9e0013347efdc2b751.dir"],
    [{ bar: "bar" }, "91aaa9bb58b657d623ef143b195a67e4.dir"],
    [{ bar: "bar\n", baz: "baz\n" }, "1f69c66028c35037e8bf67e5bc4ceb6a.dir"],
    [{}, "d751713988987e9331980363e24189ce.dir"],
  ])("of %j has the hash that DVC gives it", (files, expected) => {
    expect(dirHash(dirText(named(files)))).toBe(expected);
  });

  it("escapes what is outside 0x20-0x7E in lower case, astral characters as pairs, lone surrogates unchanged", () => {
    const relpath = 'é/\u{1F600}\u007f\t"\\\u2028\ud800';
    expect(dirText([{ md5: "0", relpath }])).toBe(
      '[{"md5": "0", "relpath": "\\u00e9/\\ud83d\\ude00\\u007f\\t\\"\\\\\\u2028\\ud800"}]',
    );
  });

  it("is sorted by code point, not by UTF-16 unit", () => {
    const text = dirText([
      { md5: "1", relpath: "\u{1F600}" },
      { md5: "2", relpath: "\uFF5E" },
      { md5: "3", relpath: "a" },
    ]);
    expect([...text.matchAll(/"md5": "(\d)"/g)].map((match) => match[1])).toEqual(["3", "2", "1"]);
  });

  it("has an order that agrees with comparing arrays of code points", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const points = (text: string) => [...text].map((char) => char.codePointAt(0) ?? 0);
        const [x, y] = [points(a), points(b)];
        const at = x.findIndex((point, index) => point !== y[index]);
        const expected = at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1);
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected));
      }),
    );
  });

  it("is refused if it names a path outside its folder", () => {
    for (const relpath of ["../x", "/x", "a//b", "a/./b", ""]) {
      const text = JSON.stringify([{ md5: "d41d8cd98f00b204e9800998ecf8427e", relpath }]);
      expect(() => parseDir(text, "x.dir")).toThrow(/is outside the folder/);
    }
    expect(() => parseDir("{", "x.dir")).toThrow(/isn't a folder listing/);
  });
});
