import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { clip, widthOf, wrap } from "./measure.ts";

const family = "👨‍👩‍👧";
const decomposed = "e\u0301";

describe("the width of a string", () => {
  it("is that of the library, whether or not the library is called", () => {
    const characters = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
    const asked = characters.filter((it) => widthOf(`a${it}`) !== stringWidth(`a${it}`));
    expect(asked).toEqual([]);
  });

  it("counts what is drawn as one character once", () => {
    expect([family, "🇩🇪", "漢", decomposed, "✓"].map(widthOf)).toEqual([2, 2, 2, 1, 1]);
  });

  it("ignores colours", () => {
    expect(widthOf("\u001b[31mred\u001b[0m")).toBe(3);
  });
});

describe("a clipped string", () => {
  it("keeps its start or its end, and shows the cut", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("data/test.parquet", 9, "end")).toBe("….parquet");
    expect(clip("漢字漢字", 5)).toBe("漢字…");
  });

  it("is never cut within a character", () => {
    expect(clip(`ab${family}cd`, 5)).toBe(`ab${family}…`);
    expect(clip(`ab${family}cd`, 4)).toBe("ab…");
  });
});

describe("a wrapped string", () => {
  it("is broken at spaces, and an address is never broken", () => {
    expect(wrap("see http://127.0.0.1:45679/#/experiments/1 for it", 20)).toEqual([
      "see",
      "http://127.0.0.1:45679/#/experiments/1",
      "for it",
    ]);
    expect(wrap("one\n\ntwo three", 5)).toEqual(["one", "", "two", "three"]);
  });

  it("keeps a name's own letters, composed or not", () => {
    const name = `data/caf${decomposed}.csv`;
    expect(wrap(`the table  ${name} is new`, 15)).toEqual(["the table", name, "is new"]);
  });
});
