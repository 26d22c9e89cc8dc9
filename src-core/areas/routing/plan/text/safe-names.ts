import { sha256 } from "../../../../foundation/files/digest.ts";
import { compareCodePoints } from "../../../../foundation/text/code-points.ts";

/** Characters that every file system and shell accepts unchanged. Not `~`, which marks a name made here. */
const plainName = /^[A-Za-z0-9_-]([A-Za-z0-9._-]{0,99}(?<!\.))?$/;
/** Names of devices on Windows, with any extension. */
const deviceName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const longestStem = 60;

function isPlain(name: string): boolean {
  return plainName.test(name) && !name.startsWith("-") && !deviceName.test(name);
}

/** A recognisable part of the name, and a digest that distinguishes it from every other. */
function digestName(name: string): string {
  const stem = name.replaceAll(/[^A-Za-z0-9_]+/g, "_").slice(0, longestStem);
  return `${stem || "_"}~${sha256(name).slice(0, 32)}`;
}

/**
 * A file name (without extension) for each name, no two alike even if upper and lower case are the same. A name that is
 * fit for a file is kept, unless another differs from it only in case or it is one of `reserved`: then all of them get a
 * digest, so that the result doesn't depend on the order. The file itself has to contain the name.
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
