import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readViewName, segmentText, viewName } from "./view-name.ts";

const odd = [
  "",
  " ",
  "  ",
  "\n",
  "CS",
  "CROSS_SECTIONAL",
  '"',
  '""',
  '"CS"',
  "cs",
  "all",
  "null",
  "UA",
  "naïve",
  '"half',
  "a, b",
  "two\nlines",
  "\u0085",
  "a\u2028b",
];
const anySegment = fc.option(fc.oneof(fc.constantFrom(...odd), fc.string({ unit: "grapheme" })));

describe("the name of a view", () => {
  it("is read back as it was, for the pooled view and any segment", () => {
    fc.assert(
      fc.property(anySegment, (segment) => {
        expect(readViewName(viewName(segment))).toBe(segment);
      }),
    );
    for (const segment of [null, ...odd]) expect(readViewName(viewName(segment))).toBe(segment);
  });

  it("is plain unless it would read as something else, or as nothing", () => {
    expect(viewName(null)).toBe("CS");
    expect(["UA", "a, b", "null", "cs"].map(segmentText)).toEqual(["UA", "a, b", "null", "cs"]);
    expect(["", " ", "CS", "CROSS_SECTIONAL"].map(segmentText)).toEqual(['""', '" "', '"CS"', '"CROSS_SECTIONAL"']);
  });

  it("has no character that a terminal shows otherwise, so that what is shown can be given back", () => {
    expect(["two\nlines", "\u001b[31mred", "a\u0085b", "a\u2028b"].map(segmentText)).toEqual([
      '"two\\nlines"',
      '"\\u001b[31mred"',
      '"a\\u0085b"',
      '"a\\u2028b"',
    ]);
    // Nothing shows where there is no width, and a letter with its mark looks like the one character.
    expect(["U\u200bA", "e\u0301", "\u00e9"].map(segmentText)).toEqual(['"U\\u200bA"', '"e\\u0301"', "\u00e9"]);
    expect(readViewName(segmentText("e\u0301"))).toBe("e\u0301");
    expect(segmentText(String.raw`two\nlines`)).toBe(String.raw`two\nlines`);
  });
});
