import { nearest } from "../../contract/nearest.ts";

/** The cost grows with the product of the lengths, so a hostile word of many MiB gets no suggestion. */
const longestWord = 200;

/** Finds the allowed word that was most likely meant. */
export function nearestOf(word: string, allowed: readonly string[]): string | undefined {
  return word.length > longestWord
    ? undefined
    : nearest(
        word,
        allowed.filter((one) => one.length <= longestWord),
      );
}

/** Returns " — did you mean `x`?" or an empty string, to append to a sentence. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const near = nearestOf(word, allowed);
  return near === undefined ? "" : ` — did you mean \`${near}\`?`;
}
