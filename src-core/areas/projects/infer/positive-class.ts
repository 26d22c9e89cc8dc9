import { counted, formatCount } from "../../../../src-view/numbers.ts";
import { AppError } from "../../../contract/errors.ts";
import { nearest } from "../../../contract/nearest.ts";
import type { ColumnProfile, ValueCount } from "./profile.ts";

type ClassValue = ValueCount["value"];

export interface PositiveClass {
  readonly value: ClassValue;
  /** Why this class and not the other, for the decision and the comment in signalbox.yaml. */
  readonly reason: string;
}

/** Words that say yes by themselves, in the languages that tables are often written in. */
const yesWords: readonly string[] = [
  ...["true", "yes", "positive", "pos"],
  ...["ja", "wahr", "positiv"],
  ...["oui", "vrai", "positif"],
  ...["sí", "si", "verdadero", "positivo", "sim", "verdadeiro", "vero"],
  ...["tak", "prawda", "ano", "áno", "da", "да", "igen", "evet", "kyllä", "jah", "jā", "taip", "ναι"],
  ...["是", "はい", "예", "네", "हाँ", "نعم", "כן"],
];

/** Signs that say yes only beside their opposite: of 1 and 2, or of a and y, neither is known to. */
const yesBeside: Readonly<Record<string, readonly string[]>> = {
  "1": ["0", "-1"],
  "+1": ["-1"],
  "+": ["-", "−"],
  y: ["n"],
  j: ["n"],
  o: ["n"],
  s: ["n"],
  t: ["f"],
  w: ["f"],
};

/**
 * Chooses the class whose probability a binary model predicts: the one that was named, the one that says yes, else the
 * rarer one, which is usually what is looked for. Null if the values are too large to be named.
 * @throws projects/invalid if `requested` isn't one of the two classes
 */
export function choosePositiveClass(column: ColumnProfile, requested: string | undefined): PositiveClass | null {
  const [a, b] = column.values ?? [];
  if (requested !== undefined) return { value: namedClass(column, requested), reason: "as given" };
  if (a === undefined || b === undefined) return null;
  const [yes, other] = [a, b].filter(({ value }) => saysYes(value, value === a.value ? b.value : a.value));
  if (yes !== undefined && other === undefined) {
    return { value: yes.value, reason: `of the two, \`${yes.value}\` is the one that says yes` };
  }
  if (a.rows === b.rows) {
    return { value: (a.value < b.value ? b : a).value, reason: "both classes are equally frequent: the later one" };
  }
  const rarer = a.rows < b.rows ? a : b;
  return {
    value: rarer.value,
    reason: `the rarer class: ${formatCount(rarer.rows)} of ${counted(a.rows + b.rows, "row")}`,
  };
}

/** @throws projects/invalid: only two classes have a positive one */
export function refusePositiveClass(column: ColumnProfile, task: string, requested: string | undefined): void {
  if (requested === undefined) return;
  throw new AppError({
    code: "projects/invalid",
    message: `--positive: a ${task} task has no positive class. The target \`${column.name}\` has ${counted(column.distinct, "value")}.`,
    hint: "Omit --positive, or choose a target with two classes.",
    details: { option: "--positive", column: column.name, task },
  });
}

function saysYes(value: ClassValue, other: ClassValue): boolean {
  const [text, opposite] = [wordOf(value), wordOf(other)];
  return yesWords.includes(text) || (yesBeside[text]?.includes(opposite) ?? false);
}

function wordOf(value: ClassValue): string {
  return String(value).trim().normalize("NFC").toLowerCase();
}

function namedClass(column: ColumnProfile, requested: string): ClassValue {
  const values = (column.values ?? []).map(({ value }) => value);
  const found =
    values.find((value) => String(value) === requested) ??
    values.find((value) => typeof value === "number" && requested.trim() !== "" && value === Number(requested)) ??
    values.find((value) => typeof value === "boolean" && value === truthOf(requested));
  if (found !== undefined) return found;
  const names = values.map(String);
  const near = nearest(requested, names);
  throw new AppError({
    code: "projects/invalid",
    message: `--positive: \`${requested}\` isn't a class of the target \`${column.name}\`${near === undefined ? "" : ` — did you mean \`${near}\`?`}`,
    hint: `Classes: ${names.join(", ")}.`,
    details: { option: "--positive", column: column.name, classes: names, nearest: near },
  });
}

/** A column of yes and no is read as truth values, and the user still knows it as yes and no. */
function truthOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (["true", "yes", "y"].includes(word)) return true;
  return ["false", "no", "n"].includes(word) ? false : undefined;
}
