import ignore from "ignore";

/**
 * `.dvcignore` patterns. They have gitignore's meaning, and the package of that name matches them. DVC decides which files
 * count, so a pattern that DVC reads differently from git is first rewritten as git would have to write it.
 */

export interface IgnoreRules {
  /** @param relpath relative to the repository's root, POSIX */
  readonly ignores: (relpath: string, isFolder: boolean) => boolean;
  readonly isEmpty: boolean;
}

/** @param text of the `.dvcignore` at the repository's root */
export function ignoreRules(text: string): IgnoreRules {
  const patterns = text.split(/\r?\n/).flatMap((line) => gitPatterns(line.trim()));
  const narrow = narrowing();
  const matcher = ignore({ ignorecase: false, allowRelativePaths: true }).add(patterns.map(narrow));
  return {
    isEmpty: patterns.length === 0,
    ignores: (relpath, isFolder) => matcher.ignores(narrow(isFolder ? `${relpath}/` : relpath)),
  };
}

/** Rewrites a line for git with the meaning it has for DVC; returns nothing for a comment and for what DVC ignores. */
function gitPatterns(line: string): readonly string[] {
  if (line === "" || line.startsWith("#") || line === "/") return [];
  const sign = line.startsWith("!") ? "!" : "";
  const segments = line.slice(sign.length).split("/").map(gitSegment);
  if (segments.some((it) => it === undefined)) return [];
  const pattern = atTheRoot(segments.join("/"));
  // DVC's patterns also match what is below a folder, and `a/**` matches the folder itself: a folder is included again with its content, or without.
  const forms = /[^*]\/\*\*$/.test(pattern)
    ? [pattern.slice(0, -2), pattern]
    : [pattern, pattern.replace(/\/?$/, "/**$&")];
  return forms.map((form) => sign + form);
}

/** A pattern from the root: one without a slash before its end matches at every depth. For DVC, what `**` and a slash end is the folder before. */
function atTheRoot(pattern: string): string {
  const inFull = pattern.slice(0, -1).includes("/") ? pattern.replace(/^\/?/, "/") : `/**/${pattern}`;
  return inFull.replace(/(?<=[^*]\/)\*\*\/$/, "");
}

/** A part between slashes. A bracket that isn't closed makes DVC ignore the pattern, and git too. */
function gitSegment(segment: string): string | undefined {
  if (segment === "**") return segment;
  let source = "";
  for (let at = 0; at < segment.length; at++) {
    const char = segment[at] ?? "";
    if (char === "\\") source += char + (segment[++at] ?? "");
    else if (char === "*" && source.endsWith("*") && !source.endsWith("\\*")) continue;
    else if (char === "[") {
      const end = segment.indexOf("]", at + (/^\[[!^]?\]/.exec(segment.slice(at))?.[0].length ?? 1));
      if (end < 0) return undefined;
      source += gitBracket(segment.slice(at + 1, end));
      at = end;
    } else source += char;
  }
  return source;
}

/**
 * What is between brackets. DVC knows neither escapes there nor POSIX classes: `[[:alpha:]]` are the members `[`, `:`, `a`,
 * `l`, `p` and `h`, followed by a `]`.
 */
function gitBracket(inner: string): string {
  const isInverse = /^[!^]/.test(inner);
  const members = isInverse ? inner.slice(1) : inner;
  return `[${isInverse ? "!" : ""}${members.replace(/[[\]\\^!]/g, "\\$&")}]`;
}

/**
 * The package counts UTF-16 units, DVC characters: a `?` has to match an emoji. Characters beyond the first plane are
 * replaced, in patterns and paths alike, by ones for private use, which names hardly ever contain.
 */
function narrowing(): (text: string) => string {
  const known = new Map<string, string>();
  const firstPrivate = 0xe100;
  return (text) =>
    text.replace(/[\u{10000}-\u{10ffff}]/gu, (char) => {
      const narrow = known.get(char) ?? String.fromCharCode(firstPrivate + known.size);
      known.set(char, narrow);
      return narrow;
    });
}
