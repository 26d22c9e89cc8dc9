/** A string as the cell of a table: one line, with nothing in it that Markdown would interpret. */
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
