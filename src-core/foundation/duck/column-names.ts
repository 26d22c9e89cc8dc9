import { foldedName, type TableRemark } from "./table-columns.ts";

/**
 * The names of a table's columns, each once. An empty one becomes `column<place>`, and both that and a repeated one get the first of
 * `_1`, `_2`, … that makes a name which no column of the file has: a real name stays what it is, wherever it stands.
 */
export function distinctNames(written: readonly string[]): readonly string[] {
  const taken = new Set(written.map(foldedName));
  const seen = new Set<string>();
  return written.map((own, index) => {
    const isFirst = own !== "" && !seen.has(foldedName(own));
    seen.add(foldedName(own));
    if (isFirst) return own;
    const base = own === "" ? `column${index + 1}` : own;
    let name = base;
    for (let repeat = 1; taken.has(foldedName(name)); repeat++) name = `${base}_${repeat}`;
    taken.add(foldedName(name));
    return name;
  });
}

/** Says which columns have another name than the file gives them; of those that only lose spaces, one for all. */
export function renamed(written: readonly string[], read: readonly string[]): readonly TableRemark[] {
  const padded = written.filter((name, index) => name.trim() !== "" && name.trim() !== name && name !== read[index]);
  const [first] = padded;
  const more = padded.length > 1 ? `, and ${padded.length - 1} more` : "";
  const spaces = { what: "names of columns are read without the spaces around them", why: `\`${first}\`${more}` };
  return [...(first === undefined ? [] : [spaces]), ...otherNames(written, read)];
}

function otherNames(written: readonly string[], read: readonly string[]): readonly TableRemark[] {
  return written.flatMap((name, index): readonly TableRemark[] => {
    const own = name.trim();
    const now = read[index] ?? own;
    if (own === now || name === now) return [];
    const place = `column ${index + 1}`;
    if (own === "") return [{ what: `${place} is read as ${now}`, why: "it has no name" }];
    const earlier = [...written.slice(0, index).map((it) => it.trim()), ...read.slice(0, index)];
    const same = earlier.find((other) => foldedName(other) === foldedName(own)) ?? own;
    const why =
      same === own ? "the name occurs twice" : `${same} and ${own} differ only in case, and names of columns ignore it`;
    return [{ what: `${place}, ${own}, is read as ${now}`, why }];
  });
}
