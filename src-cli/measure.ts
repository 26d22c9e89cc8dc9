import { createRequire } from "node:module";
import type cliTruncate from "cli-truncate";
import type stringWidth from "string-width";
import type wrapAnsi from "wrap-ansi";

/**
 * The packages that measure text for terminals are loaded on first use: they set up Intl.Segmenter and a pattern of all emoji, which takes
 * 15 ms. Short lines of letters and our own signs don't need them.
 */

// The bundler follows `require` and loads the package at the first call. The source is an ES module, which has no `require`.
const fromSource = typeof require === "undefined" ? createRequire(import.meta.url) : undefined;

/** The exports of a package are known from its types, not from the call that loads it. */
const exported = <T>(loaded: unknown): T => (loaded as { readonly default: T }).default;

/**
 * Characters of one column, so their number is the width: ASCII, European letters, and the signs of our views. Not a literal: the bundler
 * escapes strings only, and one character beyond ASCII makes the engine hold the bundle in twice the memory and read it in twice the time.
 */
const oneColumn = new RegExp(`^[ -~À-ɏ${"·–—’“”…→≤≥−✓✗│├└─█░"}]*$`);

/** Returns the columns of a string; escape codes take none. */
export function widthOf(text: string): number {
  if (oneColumn.test(text)) return text.length;
  const measured = exported<typeof stringWidth>(fromSource?.("string-width") ?? require("string-width"));
  return measured(text);
}

/** Cuts a string to a width and shows the cut as "…". Keeps its start or its end. */
export function clip(text: string, width: number, keeps: "start" | "end" = "start"): string {
  if (widthOf(text) <= width) return text;
  const truncated = exported<typeof cliTruncate>(fromSource?.("cli-truncate") ?? require("cli-truncate"));
  return truncated(text, width, { position: keeps === "start" ? "end" : "start" });
}

/** Breaks a string at spaces into lines of at most `width` columns. A longer word (an address, a path) isn't broken, so it can be copied. */
export function wrap(text: string, width: number): readonly string[] {
  return text
    .split("\n")
    .flatMap((paragraph) => (widthOf(paragraph) <= width ? [paragraph] : broken(paragraph, width)));
}

function broken(paragraph: string, width: number): readonly string[] {
  const wrapped = exported<typeof wrapAnsi>(fromSource?.("wrap-ansi") ?? require("wrap-ansi"));
  const rows = wrapped(paragraph, width).split("\n");
  return paragraph === paragraph.normalize() ? rows : unnormalized(rows, paragraph);
}

/** The library composes letters with their accents, but file names must not change, so the rows get the words of the original. */
function unnormalized(rows: readonly string[], paragraph: string): readonly string[] {
  const words = paragraph.split(" ");
  let at = 0;
  return rows.map((row) => {
    const inRow = row.split(" ");
    while (words[at] === "" && inRow[0] !== "") at++;
    at += inRow.length;
    return words.slice(at - inRow.length, at).join(" ");
  });
}
