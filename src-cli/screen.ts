import { oneLine } from "../src-view/names.ts";

/** What a renderer knows of the place and the moment it prints for. */
export interface Screen {
  /** Columns; tables fit them. */
  readonly width: number;
  readonly hasColor: boolean;
  /** Milliseconds since 1970 UTC, for ages. */
  readonly now: number;
}

const defaultWidth = 100;
/** Narrower than this nothing can be laid out: lines are left to the terminal's own wrapping. */
const narrowest = 40;

export function screenOf(
  stream: NodeJS.WriteStream,
  options: { readonly noColor: boolean; readonly env: NodeJS.ProcessEnv; readonly now?: number },
): Screen {
  const { env } = options;
  const isRefused = options.noColor || env.TERM === "dumb" || (env.NO_COLOR !== undefined && env.NO_COLOR !== "");
  const isForced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "" && env.FORCE_COLOR !== "0";
  const asked = Number(env.COLUMNS);
  const columns = stream.columns || (Number.isInteger(asked) && asked > 0 ? asked : defaultWidth);
  return {
    width: Math.max(narrowest, columns),
    hasColor: !isRefused && (stream.isTTY === true || isForced),
    now: options.now ?? Date.now(),
  };
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Style = keyof typeof codes;

export function paint(screen: Screen, style: Style, text: string): string {
  return screen.hasColor && text !== "" ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

/**
 * Control characters of foreign text (a column's name, a server's message) as visible escapes, and with them the marks that turn the
 * direction of writing: neither may steer the terminal or the reader. Line breaks and tabs stay.
 */
export function plain(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (it) => {
    const code = it.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** The same for a text that must stay on one line. */
export function plainLine(text: string): string {
  return oneLine(plain(text));
}
