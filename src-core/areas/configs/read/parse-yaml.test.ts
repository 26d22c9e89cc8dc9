import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatedCases } from "../../../../test/support/amounts.ts";
import { AppError } from "../../../contract/errors.ts";
import { parseYaml } from "./parse-yaml.ts";

const parse = (text: string | Uint8Array) =>
  parseYaml(typeof text === "string" ? new TextEncoder().encode(text) : text, "configs/x.yaml");

function failure(text: string | Uint8Array): AppError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a configuration file", () => {
  it("gives its values and the place of each value and key", () => {
    const parsed = parse("version: 1\nnested:\n  list:\n    - { name: a }\n    - { name: b }\n");
    expect(parsed.value).toEqual({ version: 1, nested: { list: [{ name: "a" }, { name: "b" }] } });
    expect(parsed.placeOf(["nested", "list", 1, "name"])).toEqual({ file: "configs/x.yaml", line: 5, column: 15 });
    expect(parsed.placeOfKey(["nested", "list"])).toEqual({ file: "configs/x.yaml", line: 3, column: 3 });
  });

  it("names the nearest enclosing place if a path ends early", () => {
    expect(parse("a:\n  b: 1\n").placeOf(["a", "c", "d"])).toMatchObject({ line: 2, column: 3 });
  });

  it("keeps keys as strings, so that a column may be called 2013", () => {
    expect(parse("2013: x\ntrue: y\n").value).toEqual({ "2013": "x", true: "y" });
  });

  it.each([
    ["a duplicate key", "a: 1\nb: 2\na: 3\n", 3, 1, /unique/],
    ["a tab as indentation", "a:\n\tb: 1\n", 2, 1, /[Tt]ab/],
    ["an unclosed bracket", "a: [1, 2\n", 2, 1, /./],
    ["a second document", "a: 1\n---\nb: 2\n", 2, 1, /multiple documents/],
    ["a tag of another program", "a: !!python/object:os.system ls\n", 1, 4, /tag/],
    ["an unknown alias", "a: *nobody\n", 1, 4, /alias/],
    ["a key that is a list", "? [a, b]\n: 1\n", 1, 3, /key/],
    ["a key that an object can't hold", "columns:\n  __proto__: { type: int }\n", 2, 3, /__proto__/],
    ["an integer beyond 2^53", "min: 9007199254740993\n", 1, 6, /exactly/],
  ])("refuses %s with its place", (_, text, line, column, message) => {
    const error = failure(text);
    expect(error.code).toBe("configs/syntax");
    expect(error.details).toMatchObject({ file: "configs/x.yaml", line, column });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`configs/x.yaml:${line}:${column}: `);
  });

  it.each([
    ["too deep below a value", "model:\n  type: ridge\n   params: {}\nseed: 42\n", 3, 4],
    ["too deep at the top", "name: shops\n type: x\ntask: y\n", 2, 2],
    ["too deep after an empty value", "model:\n  params:\n  alpha: 1\n   beta: 2\n", 4, 4],
    ["too deep after several lines", "a: a text\n  that goes on\n  more: 1\n", 3, 3],
    ["too deep below a mapping", "version: 1\nprimary: { metric: x }\n  gates:\n  - a\n", 3, 3],
    ["between two depths", "a:\n    b: 1\n  c: 2\nd: 3\n", 3, 3],
    ["of an item less deep", "a:\n  - x\n - y\nb: 1\n", 3, 2],
    ["of an item deeper", "gates:\n  - { metric: a }\n   - { metric: b }\n", 3, 4],
    ["of a key of an item", "numeric:\n  - columns: [area]\n     impute: median\n", 3, 6],
  ])("names the line whose indentation is wrong, once: %s", (_, text, line, column) => {
    const error = failure(text);
    expect(error.message.split("\n")).toHaveLength(1);
    expect(error.message).toContain(`configs/x.yaml:${line}:${column}: `);
    expect(error.message).toContain("indentation");
  });

  it("lists every syntax problem, not only the first", () => {
    expect(failure("a: 1\na: 2\nb: 1\nb: 2\n").message.split("\n")).toHaveLength(3);
  });

  it("names the line of the first byte that isn't UTF-8", () => {
    const error = failure(Buffer.concat([Buffer.from("a: 1\nb: "), Buffer.from([0xe9]), Buffer.from("\n")]));
    expect(error.message).toContain("configs/x.yaml:2:4: not UTF-8");
  });

  it("accepts a byte-order mark and a replacement character that is in the file itself", () => {
    expect(parse("\uFEFFa: 1\n").value).toEqual({ a: 1 });
    expect(parse("a: \uFFFD\n").value).toEqual({ a: "\uFFFD" });
  });

  it("follows aliases a few times", () => {
    expect(parse("a: &x [1]\nb: *x\n").value).toEqual({ a: [1], b: [1] });
  });
});

describe("a hostile file", () => {
  const laughs = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"];
  for (let index = 1; index < 12; index++) {
    const [to, from] = [String.fromCharCode(97 + index), String.fromCharCode(96 + index)];
    laughs.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(", ")}]`);
  }

  it.each([
    ["a billion laughs", laughs.join("\n")],
    ["a recursive alias", "a: &a [*a]\n"],
    ["deep flow nesting", "[".repeat(100_000)],
    ["deep closed flow nesting", `a: ${"[".repeat(5_000)}${"]".repeat(5_000)}\n`],
    ["deep block nesting", Array.from({ length: 2_000 }, (_, index) => `${" ".repeat(index)}a:`).join("\n")],
    ["deep sequences on one line", `${"- ".repeat(20_000)}x`],
    ["a file above the size limit", `a: ${"x".repeat(1 << 20)}`],
    ["a huge key", `${"k".repeat(500_000)}: 1\n`],
  ])("is refused quickly: %s", (_, text) => {
    const started = performance.now();
    expect(failure(text).code).toBe("configs/syntax");
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("is either parsed or refused with configs/syntax, whatever its bytes", () => {
    const piece = fc.constantFrom(
      "a",
      ": ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&x ",
      "*x",
      "!!t ",
      "|",
      ">",
      '"',
      "'",
      "\n",
      "  ",
      "\t",
      "#",
      "? ",
      "%",
      "---\n",
      "<<",
      "__proto__",
      "0x1",
      "é",
      "\u0000",
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    const bytes = fc.oneof(
      text.map((one) => new TextEncoder().encode(one)),
      fc.uint8Array({ maxLength: 80 }),
    );
    fc.assert(
      fc.property(bytes, (some) => {
        try {
          const { value } = parse(some);
          expect(Object.getPrototypeOf({})).toBe(Object.prototype);
          JSON.stringify(value);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).code).toBe("configs/syntax");
          expect((error as AppError).details).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
        }
      }),
      { numRuns: generatedCases(3_000) },
    );
  });
});
