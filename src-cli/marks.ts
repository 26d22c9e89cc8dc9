import { paint, type Screen, type Style } from "./screen.ts";
import { hanging } from "./text.ts";

const marks = {
  good: ["✓", "green"],
  bad: ["✗", "red"],
  unclear: ["?", "yellow"],
  warning: ["!", "yellow"],
  none: ["–", "dim"],
  active: ["…", "cyan"],
  note: ["·", "dim"],
} as const satisfies Record<string, readonly [string, Style]>;
export type Mark = keyof typeof marks;

/** One sign for how something came out; never by colour alone. */
export function mark(screen: Screen, name: Mark): string {
  const [sign, style] = marks[name];
  return paint(screen, style, sign);
}

/** A remark behind a sign, wrapped beside it: a painted sign is wider than it looks, so that it can't be the lead itself. */
export function marked(screen: Screen, name: Mark, text: string): string {
  return mark(screen, name) + hanging(screen, "  ", text).slice(1);
}

/** Colour of a verdict or a run's state. */
export function styleOf(word: string | null): Style {
  switch (word) {
    case "PROMOTE":
    case "FINISHED":
    case "succeeded":
      return "green";
    case "REJECT":
    case "INVALID":
    case "FAILED":
    case "failed":
      return "red";
    case "HOLD":
    case "KILLED":
    case "cancelled":
    case "interrupted":
      return "yellow";
    case "RUNNING":
    case "running":
    case "queued":
      return "cyan";
    default:
      return "dim";
  }
}
