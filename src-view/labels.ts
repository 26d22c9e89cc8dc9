/** Names of signs and tones: what something means, which each face shows in its own way (a sign and a colour, a glyph). */

/** How something came out. */
export type Mark = "good" | "bad" | "unclear" | "warning" | "none" | "active" | "note";

/** What a word is to be noticed for. */
export type Tone = "strong" | "quiet" | "good" | "bad" | "caution" | "active" | "accent";

/** The tone of a verdict, a run's status or an operation's state. */
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
