import ignore from "ignore";

/**
 * `.dvcignore` patterns. They have gitignore's meaning, and the package of that name matches them; where DVC reads a pattern otherwise than
 * git does, DVC decides which files count, so that pattern is first written as git would have to write it.
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

/** A line as git has to write what DVC reads in it; nothing for a comment and for what DVC passes over. */
function gitPatterns(line: string): readonly string[] {
  if (line === "" || line.startsWith("#") || line === "/") return [];
  const sign = line.startsWith("!") ? "!" : "";
  const segments = line.slice(sign.length).split("/").map(gitSegment);
  if (segments.some((it) => it === undefined)) return [];
  const pattern = atTheRoot(segments.join("/"));
  // DVC's patterns fit what lies below a folder, too, and `a/**` the folder itself: one is taken back with its content, or without.
  const forms = /[^*]\/\*\*$/.test(pattern)
    ? [pattern.slice(0, -2), pattern]
    : [pattern, pattern.replace(/\/?$/, "/**$&")];
  return forms.map((form) => sign + form);
}

/** A pattern from the root on: one without a slash before its end fits at every depth. What `**` and a slash end is for DVC the folder before. */
function atTheRoot(pattern: string): string {
  const inFull = pattern.slice(0, -1).includes("/") ? pattern.replace(/^\/?/, "/") : `/**/${pattern}`;
  return inFull.replace(/(?<=[^*]\/)\*\*\/$/, "");
}

/** A part between slashes. A bracket that nothing closes makes DVC pass over the pattern, git too. */
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
 * What stands between brackets. DVC knows neither an escape there nor POSIX classes: `[[:alpha:]]` are the members `[`, `:`, `a`, `l`, `p`
 * and `h`, and after them a `]`.
 */
function gitBracket(inner: string): string {
  const isInverse = /^[!^]/.test(inner);
  const members = isInverse ? inner.slice(1) : inner;
  return `[${isInverse ? "!" : ""}${members.replace(/[[\]\\^!]/g, "\\$&")}]`;
}

/**
 * The package counts UTF-16 units, DVC characters: a `?` has to match an emoji. Characters beyond the first plane are replaced in patterns and
 * paths alike by ones for private use, which a name has hardly ever.
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
