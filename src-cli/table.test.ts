import { describe, expect, it } from "vitest";
import { type Column, table as shaped } from "../src-view/shape.ts";
import { widthOf } from "./measure.ts";
import { paintBlock } from "./paint-sections.ts";
import { plain, plainLine, type Screen, screenOf } from "./screen.ts";
import { factLines } from "./table.ts";
import { hanging } from "./text.ts";

const screen = (width: number): Screen => ({ width, hasColor: false, now: 0 });
const table = <Row>(on: Screen, of: readonly Row[], by: readonly Column<Row>[]): string => {
  const block = shaped(of, by);
  return block === undefined ? "" : paintBlock(block, on);
};
const rows = [
  { name: "short", path: "data/reference/tests/v1/test_reference.parquet", n: 7076 },
  { name: "漢字", path: "x", n: 1 },
];
const columns = [
  { title: "name", value: (it: (typeof rows)[number]) => it.name },
  { title: "path", value: (it: (typeof rows)[number]) => it.path, shrink: 1, least: 12, keeps: "end" as const },
  { title: "n", value: (it: (typeof rows)[number]) => it.n, align: "right" as const },
];

describe("a table", () => {
  it("aligns by display width, wide characters as two", () => {
    const lines = table(screen(100), rows, columns).split("\n");
    expect(new Set(lines.map((it) => widthOf(it))).size).toBe(1);
  });

  it("cuts only columns that may be cut, and keeps the end of a path", () => {
    const text = table(screen(40), rows, columns);
    for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(40);
    expect(text).toContain("…");
    expect(text).toContain("test_reference.parquet");
  });

  it("is laid out row by row if it doesn't fit, with nothing cut", () => {
    const text = table(screen(24), rows, [...columns, { title: "digest", value: () => "bf383691efe9" }]);
    expect(text).toContain("data/reference/tests/v1/test_reference.parquet");
    expect(text).toContain("digest  bf383691efe9");
  });

  it("keeps foreign text from controlling the terminal", () => {
    const text = table(screen(80), [{ it: "a\u001b[31mb\nc\u202e" }], [{ title: "it", value: (row) => row.it }]);
    expect(text.split("\n")[1]).toBe("a\\x1b[31mb\\nc\\u202e");
    expect(factLines(screen(80), [{ name: "k", value: "x\u0007" }])).toBe("k  x\\x07");
    expect(plain("a\tb\nc\u009b")).toBe("a\tb\nc\\x9b");
    expect(plainLine("a\u2028b")).toBe("a\\u2028b");
  });
});

it("aligns the lines of a text below its beginning", () => {
  expect(hanging(screen(30), "  lead  ", "one two three four five six")).toBe(
    "  lead  one two three four\n        five six",
  );
});

describe("a screen", () => {
  const stream = (values: object) => values as NodeJS.WriteStream;
  const of = (values: object, env: NodeJS.ProcessEnv, noColor = false) => screenOf(stream(values), { noColor, env });

  it("has colour only on a terminal, and not with NO_COLOR, --no-color or a dumb terminal", () => {
    expect(of({ isTTY: true, columns: 80 }, {}).hasColor).toBe(true);
    expect(of({ isTTY: true }, { NO_COLOR: "1" }).hasColor).toBe(false);
    expect(of({ isTTY: true }, { TERM: "dumb" }).hasColor).toBe(false);
    expect(of({ isTTY: true }, {}, true).hasColor).toBe(false);
    expect(of({}, {}).hasColor).toBe(false);
    expect(of({}, { FORCE_COLOR: "1" }).hasColor).toBe(true);
    expect(of({}, { FORCE_COLOR: "1", NO_COLOR: "1" }).hasColor).toBe(false);
  });

  it("is as wide as its terminal, else COLUMNS, else 100 columns", () => {
    expect(of({ columns: 73 }, { COLUMNS: "60" }).width).toBe(73);
    expect(of({}, { COLUMNS: "60" }).width).toBe(60);
    expect(of({}, { COLUMNS: "none" }).width).toBe(100);
  });
});
