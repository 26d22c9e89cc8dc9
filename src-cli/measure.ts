import { createRequire } from "node:module";
import type cliTruncate from "cli-truncate";
import type stringWidth from "string-width";
import type wrapAnsi from "wrap-ansi";

/**
 * The packages by which the terminal view measures, too. They set up Intl.Segmenter and a pattern of all emoji, 15 ms that only text pays
 * which needs them: short lines of letters and of our own signs don't.
 */

// The bundler follows `require`, and leaves what it names until the first call; the source is an ES module and has none.
const fromSource = typeof require === "undefined" ? createRequire(import.meta.url) : undefined;

/** What a package exports is known from its types, not from the call that loads it. */
const exported = <T>(loaded: unknown): T => (loaded as { readonly default: T }).default;

/** Characters that take one column each, so that a length is a width: ASCII, European letters, and the signs of our own views. */
const oneColumn = /^[ -~À-ɏ·–—’“”…→≤≥−✓✗│├└─█░]*$/;

/** Columns that a text takes; escape codes take none. */
export function widthOf(text: string): number {
  if (oneColumn.test(text)) return text.length;
  const measured = exported<typeof stringWidth>(fromSource?.("string-width") ?? require("string-width"));
  return measured(text);
}

/** A text cut to a width, the cut shown by "…"; the start or the end of it is kept. */
export function clip(text: string, width: number, keeps: "start" | "end" = "start"): string {
  if (widthOf(text) <= width) return text;
  const truncated = exported<typeof cliTruncate>(fromSource?.("cli-truncate") ?? require("cli-truncate"));
  return truncated(text, width, { position: keeps === "start" ? "end" : "start" });
}

/** Lines of at most `width` columns, broken at spaces; a longer word (an address, a path) stays whole so that it can be copied. */
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

/** The library composes letters with their accents; a file's name must stay as it is, so the rows get the words of the text itself. */
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
