import { sha256 } from "../../../../foundation/files/digest.ts";
import { compareCodePoints } from "../../../../foundation/text/code-points.ts";

/** What every file system and shell takes as it is. No `~`: that marks a name made here. */
const plainName = /^[A-Za-z0-9_-]([A-Za-z0-9._-]{0,99}(?<!\.))?$/;
/** Names of devices on Windows, with any extension. */
const deviceName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const longestStem = 60;

function isPlain(name: string): boolean {
  return plainName.test(name) && !name.startsWith("-") && !deviceName.test(name);
}

/** Something of the name to recognise it by, and a digest that tells it from every other. */
function digestName(name: string): string {
  const stem = name.replaceAll(/[^A-Za-z0-9_]+/g, "_").slice(0, longestStem);
  return `${stem}~${sha256(name).slice(0, 32)}`;
}

/**
 * A file name (without extension) for each name, no two alike even where upper and lower case are the same. A name that
 * is fit for a file stays itself, unless another differs from it in case only or it is one of `reserved`: then all of
 * them get a digest, so that the result doesn't depend on the order. The name itself has to stand in the file.
 */
export function safeNames(names: Iterable<string>, reserved: readonly string[] = []): ReadonlyMap<string, string> {
  const distinct = [...new Set(names)].sort(compareCodePoints);
  const taken = new Map<string, number>();
  const take = (name: string) => taken.set(name.toLowerCase(), (taken.get(name.toLowerCase()) ?? 0) + 1);
  for (const name of [...reserved, ...distinct]) take(name);
  return new Map(
    distinct.map((name) => [name, isPlain(name) && taken.get(name.toLowerCase()) === 1 ? name : digestName(name)]),
  );
}
