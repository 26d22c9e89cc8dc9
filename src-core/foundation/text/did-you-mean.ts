import { nearest } from "../../contract/nearest.ts";

/** The distance grows with the product of the lengths: a hostile word of megabytes is not worth a suggestion. */
const longestWord = 200;

/** The allowed word that was most likely meant. */
export function nearestOf(word: string, allowed: readonly string[]): string | undefined {
  return word.length > longestWord
    ? undefined
    : nearest(
        word,
        allowed.filter((one) => one.length <= longestWord),
      );
}

/** " — did you mean `x`?" or nothing, ready to follow a sentence. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const near = nearestOf(word, allowed);
  return near === undefined ? "" : ` — did you mean \`${near}\`?`;
}
