/**
 * `.dvcignore` patterns with the meaning of gitignore: comments, `!`, a trailing or inner `/`, `*`, `?`, `[…]`, `**`;
 * the last match wins, and what lies in an ignored folder is ignored. Not covered: POSIX classes such as `[[:alpha:]]`
 * (such a pattern matches nothing).
 */

interface Pattern {
  readonly regex: RegExp;
  readonly isNegated: boolean;
  readonly isFolderOnly: boolean;
}

export interface IgnoreRules {
  /** @param relpath relative to the repository's root, POSIX */
  readonly ignores: (relpath: string, isFolder: boolean) => boolean;
  readonly isEmpty: boolean;
}

/** @param files texts of `.dvcignore` files by the folder they lie in ("" for the root), outer ones first */
export function ignoreRules(files: readonly { readonly folder: string; readonly text: string }[]): IgnoreRules {
  const sets = files.map(({ folder, text }) => ({
    prefix: folder === "" ? "" : `${folder}/`,
    patterns: text.split(/\r?\n/).flatMap((line) => parsePattern(line)),
  }));
  const isMatched = (relpath: string, isFolder: boolean): boolean => {
    for (const { prefix, patterns } of sets.toReversed()) {
      if (!relpath.startsWith(prefix)) continue;
      const inner = relpath.slice(prefix.length);
      const found = patterns.findLast((pattern) => (isFolder || !pattern.isFolderOnly) && pattern.regex.test(inner));
      if (found) return !found.isNegated;
    }
    return false;
  };
  return {
    isEmpty: sets.every((set) => set.patterns.length === 0),
    ignores: (relpath, isFolder) => {
      const parts = relpath.split("/");
      return parts.some((_, index) => {
        const isLast = index === parts.length - 1;
        return isMatched(parts.slice(0, index + 1).join("/"), isLast ? isFolder : true);
      });
    },
  };
}

function parsePattern(line: string): readonly Pattern[] {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#") || trimmed === "/") return [];
  const isNegated = trimmed.startsWith("!");
  const body = isNegated ? trimmed.slice(1) : trimmed;
  const isFolderOnly = body.endsWith("/");
  const core = isFolderOnly ? body.slice(0, -1) : body;
  const isAnchored = core.includes("/");
  const segments = (core.startsWith("/") ? core.slice(1) : core).split("/");
  try {
    const source = `^${isAnchored ? "" : "(?:.*/)?"}${segmentsSource(segments)}$`;
    return [{ regex: new RegExp(source, "su"), isNegated, isFolderOnly }];
  } catch {
    return []; // git, too, passes over a pattern with a broken range
  }
}

function segmentsSource(segments: readonly string[]): string {
  let source = "";
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "**") source += isLast ? ".+" : "(?:.*/)?";
    else source += segmentSource(segment) + (isLast ? "" : "/");
  }
  return source;
}

function segmentSource(segment: string): string {
  let source = "";
  for (let at = 0; at < segment.length; at += 1) {
    const char = segment[at] ?? "";
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "\\" && at + 1 < segment.length) {
      at += 1;
      source += literal(segment[at] ?? "");
    } else if (char === "[") {
      const close = segment.indexOf("]", at + (/^\[[!^]?\]/.test(segment.slice(at)) ? 3 : 1));
      if (close < 0) source += "\\[";
      else {
        const inner = segment.slice(at + 1, close).replace(/^[!^]/, "");
        const isInverse = /^[!^]/.test(segment.slice(at + 1, close));
        source += `[${isInverse ? "^/" : ""}${inner.replace(/[\\\]^[]/g, "\\$&")}]`;
        at = close;
      }
    } else source += literal(char);
  }
  return source;
}

function literal(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
