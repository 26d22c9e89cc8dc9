/**
 * Replaces what differs from recording to recording: ids and digests by their number in order of appearance, times by one
 * day, durations by a second, ports, and the folders of this machine. Figures are rounded to six digits, because their last ones depend on
 * the processor. Equal ids stay equal, and a short form still names its id.
 */

export interface Here {
  /** Folders of this machine and their replacements; the longest come first. */
  readonly folders: readonly (readonly [folder: string, instead: string])[];
  /** Time of the recording, in milliseconds since 1970 UTC. */
  readonly now: number;
}

const day = "2026-01-01T00:00:00.000Z";
const laterMs = 60_000;
const dayMs = 86_400_000;

/** Replaces values in a fixed order, so that the numbers of ids are fixed, too. */
export function normalizer(here: Here): (value: unknown) => unknown {
  const ids = new Map<string, string>();
  const textOf = (text: string) => withoutIds(withoutPlaces(text, here), ids);
  const normalized = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return fixedByKey[key] ?? textOf(value);
    if (typeof value === "number") return numberOf(value, key, here.now);
    if (Array.isArray(value)) return value.map((it) => normalized(it, key));
    if (typeof value !== "object" || value === null) return value;
    const row = withoutDuration(value);
    return Object.fromEntries(Object.entries(row).map(([name, it]) => [textOf(name), normalized(it, name)]));
  };
  return (value) => normalized(value, "");
}

/** A row of a comparison names its figure by `key` and has its value as a string. */
function withoutDuration(row: object): object {
  const isDuration = "key" in row && typeof row.key === "string" && /_(seconds|ms)$/.test(row.key);
  return isDuration && "values" in row && Array.isArray(row.values)
    ? { ...row, values: row.values.map(() => "1") }
    : row;
}

/** Values of this machine that aren't figures. */
const fixedByKey: Readonly<Record<string, string>> = { python_version: "3.12" };

function numberOf(value: number, key: string, now: number): number {
  if (key === "pid") return 4242;
  if (Math.abs(value - now) < dayMs) return Date.parse(day) + (/end|finish/i.test(key) ? laterMs : 0);
  if (/(seconds|Ms|hours(before|after)?)$/i.test(key)) return value === 0 ? 0 : 1;
  return rounded(value);
}

const rounded = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(6)));

function withoutPlaces(text: string, { folders, now }: Here): string {
  let out = text;
  for (const [folder, instead] of folders) out = out.replaceAll(folder, instead);
  return out
    .replace(/(127\.0\.0\.1|localhost):\d+/g, "$1:5000")
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?/g, (time) =>
      Math.abs(Date.parse(time) - now) < dayMs ? day : time,
    )
    .replace(/\b\d+(\.\d+)? (ms|s)\b/g, "1.0 s")
    .replace(/(?<![\w.])-?\d+\.\d{5,}(e-?\d+)?(?![\w.])/g, (figure) => String(rounded(Number(figure))));
}

/** Hexadecimal words of 16 digits or more are ids; shorter ones are ids if a known one begins with them. */
function withoutIds(text: string, ids: Map<string, string>): string {
  return text
    .replace(/(?<![0-9a-zA-Z])[0-9a-f]{16,64}(?![0-9a-zA-Z])/g, (id) => {
      const whole = [...ids.keys()].find((known) => known.startsWith(id)) ?? id;
      const number = ids.get(whole) ?? idOf(ids.size + 1, whole.length);
      ids.set(whole, number);
      return number.slice(0, id.length);
    })
    .replace(/(?<![0-9a-zA-Z])[0-9a-f]{7,15}(?![0-9a-zA-Z])/g, (word) => {
      const known = [...ids].find(([id]) => id.startsWith(word));
      return known === undefined ? word : known[1].slice(0, word.length);
    });
}

/** Identified by their first seven digits, as people do. */
function idOf(number: number, length: number): string {
  const beginning = (0xa000000 + number * 0x101).toString(16);
  return beginning.repeat(Math.ceil(length / beginning.length)).slice(0, length);
}
