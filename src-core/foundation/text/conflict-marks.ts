/** The first line, counted from 1, with a mark that git leaves where two versions of a file differ; undefined if there is none. */
export function conflictLine(text: string): number | undefined {
  const at = text.split("\n").findIndex((line) => /^(<{7} |={7}$|>{7} |\|{7} )/.test(line));
  return at < 0 ? undefined : at + 1;
}
