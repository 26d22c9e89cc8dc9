/** Short forms of the most common characters; any other that isn't kept is `~x<hexadecimal digits>_`. */
const shortEscapes: ReadonlyMap<string, string> = new Map([
  [".", "~d"],
  ["/", "~s"],
  [":", "~c"],
  ["~", "~t"],
]);
const escaped = /[^\p{L}\p{M}\p{N}_-]/gu;

/** Stands for an empty part: MLflow refuses two dots in a row, and a dot at the end. */
const emptyPart = "~e";

/** A part between the dots of a name on a server: a dot in a part would give two pairs of target and segment one name. */
export function encodePart(part: string): string {
  if (part === "") return emptyPart;
  return part.replaceAll(
    escaped,
    (character) => shortEscapes.get(character) ?? `~x${(character.codePointAt(0) ?? 0).toString(16)}_`,
  );
}
