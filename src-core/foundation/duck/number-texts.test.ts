import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { castTo } from "./column-types.ts";
import { floatOfTextSql, intOfTextSql } from "./number-texts.ts";
import { openDuck } from "./open.ts";
import { literal } from "./quote.ts";

/** Each string, the float and the whole number that it is. */
const cases: readonly (readonly [string, number | null, bigint | null])[] = [
  ["12", 12, 12n],
  ["-0.0", 0, 0n],
  ["7.0", 7, 7n],
  ["5.", 5, 5n],
  [".5", 0.5, null],
  ["+1.25", 1.25, null],
  ["1e+05", 100_000, 100_000n],
  ["1.5E3", 1_500, 1_500n],
  ["1.55E1", 15.5, null],
  ["0.000000e+00", 0, 0n],
  ["5e-324", 5e-324, null],
  ["1700000000000000.0", 1.7e15, 1_700_000_000_000_000n],
  ["9007199254740993", null, 9_007_199_254_740_993n],
  ["9007199254740991.25", 9_007_199_254_740_991, null],
  ["9007199254740993.25", null, null],
  ["-90071992547409930.17", null, null],
  ["0.12345678901234567890", 0.123_456_789_012_345_68, null],
  ["9.007199254740993e15", 9_007_199_254_740_992, null],
  ["9223372036854775807.0", null, 9_223_372_036_854_775_807n],
  ["12345678901234567890", null, null],
  ...["1_12", "10E1", "1E400", "1e-400", "1e-324", "Infinity", "-inf", "nan", "0x1F", "0b11", "007", "00.5", "-01"].map(
    (text) => [text, null, null] as const,
  ),
  ...["", ".", "+", "--1", "+-1", "1e", "1 000", "1,5", "1d", "١", "\t1"].map((text) => [text, null, null] as const),
];

it("strings are numbers if they are written plainly or as programs print them", async () => {
  const duck = await openDuck({
    tempDirectory: path.join(mkdtempSync(path.join(os.tmpdir(), "signalbox-texts-")), "duck"),
  });
  try {
    for (const [text, float, int] of cases) {
      const found = await duck.row(
        `SELECT ${floatOfTextSql("text")} AS float, ${intOfTextSql("text")} AS int FROM (SELECT ${literal(text)} AS text)`,
      );
      expect([text, found.float, found.int]).toEqual([text, float === 0 ? expect.closeTo(0, 5) : float, int]);
      for (const [type, value] of [
        ["float", float],
        ["int", int],
      ] as const) {
        const cast = castTo(type, "VARCHAR", "text");
        if (cast.kind !== "cast") throw new Error("a string is cast");
        const row = await duck.row(
          `SELECT ${cast.sql} AS value, ${cast.bad} AS bad FROM (SELECT ${literal(text)} AS text)`,
        );
        expect([text, type, row.bad]).toEqual([text, type, value === null && text !== ""]);
        if (value !== null) expect(Number(row.value)).toBeCloseTo(Number(value), 5);
      }
    }
  } finally {
    duck.close();
  }
});
