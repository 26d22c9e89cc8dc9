import type { Mark, Tone } from "../src-view/labels.ts";
import { paint, type Screen, type Style } from "./screen.ts";
import { hanging } from "./text.ts";

const marks: Readonly<Record<Mark, readonly [sign: string, style: Style]>> = {
  good: ["✓", "green"],
  bad: ["✗", "red"],
  unclear: ["?", "yellow"],
  warning: ["!", "yellow"],
  none: ["–", "dim"],
  active: ["…", "cyan"],
  note: ["·", "dim"],
};

/** Returns the sign of an outcome, which is recognisable without its colour. */
export function mark(screen: Screen, name: Mark): string {
  const [sign, style] = marks[name];
  return paint(screen, style, sign);
}

/** Wraps a string after a sign and a lead. The sign can't be part of the lead, because a coloured sign is longer than it looks. */
export function marked(
  screen: Screen,
  name: Mark,
  { lead = "  ", text }: { readonly lead?: string | undefined; readonly text: string },
): string {
  return mark(screen, name) + hanging(screen, lead, text).slice(1);
}

const styles: Readonly<Record<Tone, Style>> = {
  strong: "bold",
  quiet: "dim",
  good: "green",
  bad: "red",
  caution: "yellow",
  active: "cyan",
  accent: "blue",
};

export function paintTone(screen: Screen, tone: Tone | undefined, text: string): string {
  return tone === undefined ? text : paint(screen, styles[tone], text);
}
