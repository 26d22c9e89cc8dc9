import { insertGlobals } from "./global-words.ts";
import { widthOf, wrap } from "./measure.ts";
import { paint, plain, plainLine, type Screen } from "./screen.ts";

export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
}

/** Wraps a text after a lead; the other lines are aligned below the text. */
export function hanging(screen: Screen, lead: string, text: string): string {
  const indent = " ".repeat(widthOf(lead));
  return wrap(plain(text), Math.max(20, screen.width - indent.length))
    .map((line, index) => (index === 0 ? lead : indent) + line)
    .join("\n");
}

export function indented(text: string, by = 2): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : " ".repeat(by) + line))
    .join("\n");
}

/** Returns the screen that remains after an indent. */
export function inner(screen: Screen, by = 2): Screen {
  return { ...screen, width: screen.width - by };
}

/** Joins the parts of a report with an empty line between them. */
export function parts(...texts: readonly string[]): string {
  return texts.filter((it) => it !== "").join("\n\n");
}

/** Joins the lines of a part without the empty ones. */
export function lines(...texts: readonly (string | null | undefined)[]): string {
  return texts.filter((it) => it !== "" && it !== null && it !== undefined).join("\n");
}

/** Renders the next commands, one per line so they can be copied. The explanation follows after `#`. */
export function stepLines(screen: Screen, commands: readonly string[]): string {
  const split = commands.map((written) => {
    const command = insertGlobals(written, screen.globals ?? []);
    const at = command.indexOf("#");
    const isComment = at > 0 && command[at - 1] === " " && command[at + 1] === " ";
    return isComment
      ? { command: plainLine(command.slice(0, at).trimEnd()), why: plainLine(command.slice(at + 1).trim()) }
      : { command: plainLine(command), why: "" };
  });
  const width = Math.max(0, ...split.map((it) => widthOf(it.command)));
  const isNarrow = split.some((it) => it.why !== "" && width + 2 + widthOf(it.why) > screen.width);
  const body = split.map(({ command, why }) => {
    if (why === "") return paint(screen, "cyan", command);
    if (isNarrow)
      return `${paint(screen, "cyan", command)}\n${paint(screen, "dim", hanging(inner(screen, 2), "    ", why))}`;
    return `${paint(screen, "cyan", pad(command, width))}  ${paint(screen, "dim", why)}`;
  });
  return body.join("\n");
}
