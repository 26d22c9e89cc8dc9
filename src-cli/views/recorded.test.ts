import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { allRecorded, recordedNow } from "../../test/support/recorded.ts";
import { widthOf } from "../measure.ts";
import { renderOutput } from "../views.ts";

const screen = (width: number, hasColor = false) => ({ width, hasColor, now: recordedNow });

/** Finds lines wider than the terminal, except those with one unbreakable word: an address, a path, a digest. */
const tooWide = (text: string, width: number) =>
  text.split("\n").filter((line) => widthOf(line) > width && !/\S{30,}$/.test(line));

describe.each(allRecorded())("%s of a real project", (_, operation, output) => {
  it.each([100, 140])("fits %i columns", async (width) => {
    const text = await renderOutput(operation, output, screen(width));
    expect(text).not.toBe("");
    // A configuration is shown exactly as in its file.
    if (operation !== "configs.show") expect(tooWide(text, width)).toEqual([]);
  });

  it("has the same layout in colour", async () => {
    const trimmed = (text: string) => text.replaceAll(/ +$/gm, "");
    const painted = await renderOutput(operation, output, screen(80, true));
    const plain = await renderOutput(operation, output, screen(80));
    expect(trimmed(stripVTControlCharacters(painted))).toBe(trimmed(plain));
  });
});
