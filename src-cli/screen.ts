import { oneLine } from "../src-view/names.ts";

/** Properties of the terminal, and the current time, for a renderer. */
export interface Screen {
  /** Columns of the terminal. */
  readonly width: number;
  readonly hasColor: boolean;
  /** The terminal can't move its cursor: nothing is drawn over. */
  readonly isDumb?: boolean;
  /** Options of every command that is shown, as they were given to this one. */
  readonly globals?: readonly string[];
  /** Milliseconds since 1970 UTC, to compute ages. */
  readonly now: number;
}

const defaultWidth = 100;
/** Smallest width for a layout. On a narrower terminal, the terminal wraps the lines itself. */
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
    isDumb: env.TERM === "dumb",
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
 * Shows control characters in foreign text (the name of a column, the message of a server) as visible escapes, and also marks that
 * change the direction of writing or have no width, so that none can control the terminal or mislead the reader. Keeps line breaks and tabs.
 */
export function plain(text: string): string {
  return text.replace(
    /(?![\t\n])[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu,
    (it) => {
      const code = it.charCodeAt(0).toString(16);
      return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
    },
  );
}

/** The same for a string that must stay on one line. */
export function plainLine(text: string): string {
  return oneLine(plain(text));
}
