/** Names of signs and tones. Each face shows them in its own way (a sign and a colour, a glyph). */

/** An outcome. */
export type Mark = "good" | "bad" | "unclear" | "warning" | "none" | "active" | "note";

/** How a word is emphasised. */
export type Tone = "strong" | "quiet" | "good" | "bad" | "caution" | "active" | "accent";

/** Returns the tone of a verdict, the status of a run or the state of an operation. */
export function toneOf(word: string | null): Tone {
  switch (word) {
    case "PROMOTE":
    case "FINISHED":
    case "succeeded":
      return "good";
    case "REJECT":
    case "INVALID":
    case "FAILED":
    case "failed":
      return "bad";
    case "HOLD":
    case "KILLED":
    case "cancelled":
    case "interrupted":
      return "caution";
    case "RUNNING":
    case "running":
    case "queued":
      return "active";
    default:
      return "quiet";
  }
}
