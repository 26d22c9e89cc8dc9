import { AppError } from "./errors.ts";

/** What one stretch of the typed list is read as. */
interface Reading {
  readonly names: readonly string[];
  readonly cost: number;
  /** Another reading that is as good, if there is one. */
  readonly other: readonly string[] | null;
}

/** An unknown name costs more than any number of known ones: a reading is chosen that has few of them. */
const unknownCost = 10_000;

/**
 * Names from what a user typed for a list: repeated values, or several in one, separated by commas. A name may itself hold
 * commas: what is called so wins over the names of its parts. Unknown names are returned as typed, for the caller to refuse.
 * @throws projects/invalid if a value can be read in two ways that are equally good
 */
export function listedNames(
  typed: readonly string[],
  { known, option }: { readonly known: readonly string[]; readonly option: string },
): readonly string[] {
  const isKnown = new Set(known);
  return [...new Set(typed.flatMap((text) => namesIn(text, isKnown, option)))];
}

function namesIn(text: string, known: ReadonlySet<string>, option: string): readonly string[] {
  if (known.has(text)) return [text];
  const parts = text.split(",");
  const best: Reading[] = new Array(parts.length);
  const end: Reading = { names: [], cost: 0, other: null };
  for (let from = parts.length - 1; from >= 0; from--) {
    let found: Reading | undefined;
    for (let to = parts.length; to > from; to--) {
      const name = nameOf(parts.slice(from, to).join(","), known);
      if (!known.has(name) && to > from + 1) continue;
      const rest = best[to] ?? end;
      const cost = rest.cost + (known.has(name) ? 1 : unknownCost);
      const names = [name, ...rest.names];
      const other = rest.other === null ? null : [name, ...rest.other];
      if (found === undefined || cost < found.cost) found = { names, cost, other };
      else if (cost === found.cost) found = { ...found, other: names };
    }
    best[from] = found ?? end;
  }
  const { names, other } = best[0] ?? end;
  if (other !== null) throw ambiguous(text, option, [names, other]);
  return names;
}

/** A name keeps the spaces around it only where it is really called so. */
function nameOf(text: string, known: ReadonlySet<string>): string {
  return known.has(text) ? text : text.trim();
}

function ambiguous(text: string, option: string, readings: readonly (readonly string[])[]): AppError {
  const shown = readings.map((names) => names.map((name) => `\`${name}\``).join(" and "));
  return new AppError({
    code: "projects/invalid",
    message: `${option} '${text}' can be read in more than one way: ${shown.join(", or ")}.`,
    hint: `Repeat ${option} for each name.`,
    details: { option, text, readings },
  });
}
