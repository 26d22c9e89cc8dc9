/** Characters with a meaning in a gitignore pattern, escaped as DVC does. */
export function gitignoreEntry(name: string): string {
  return `/${name.replace(/[[\]!*#?]/g, "\\$&")}`;
}

/** Appends the entry to a `.gitignore`, unless it is there already. */
export function withGitignoreEntry(text: string, entry: string): string {
  if (text.split("\n").includes(entry)) return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${entry}\n`;
}
