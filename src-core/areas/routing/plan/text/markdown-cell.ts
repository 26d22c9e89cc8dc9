/** Text of a table's cell: one line, and nothing in it that Markdown would read as its own. */
export function markdownCell(text: string): string {
  return text
    .replaceAll(/[\\|`*<[]/g, (character) => (character === "<" ? "&lt;" : `\\${character}`))
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}

export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map(markdownCell).join(" | ")} |`;
}

export function markdownHead(cells: readonly string[]): readonly string[] {
  return [markdownRow(cells), `|${" --- |".repeat(cells.length)}`];
}
