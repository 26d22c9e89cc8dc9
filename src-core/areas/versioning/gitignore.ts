/** Characters that mean something in a gitignore pattern, escaped as DVC does. */
export function gitignoreEntry(name: string): string {
  return `/${name.replace(/[[\]!*#?]/g, "\\$&")}`;
}

/** A `.gitignore` with the entry at its end, unchanged if it holds it already. */
export function withGitignoreEntry(text: string, entry: string): string {
  if (text.split("\n").includes(entry)) return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${entry}\n`;
}
