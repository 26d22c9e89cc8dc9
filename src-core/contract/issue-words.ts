import type * as z from "zod";

/** Describes what was expected of a value: "at least 1", "a whole number". */
export function expectedWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "too_small":
      return `${issue.origin === "array" ? "at least" : issue.inclusive === false ? "more than" : "at least"} ${amountOf(issue.minimum, issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${amountOf(issue.maximum, issue.origin)}`;
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return "a string, a number, true or false";
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a mapping of keys to values",
  record: "a mapping of names to values",
  array: "a list",
  tuple: "a list of two whole numbers",
};

function amountOf(limit: number | bigint, origin: string): string {
  const isOne = Number(limit) === 1;
  if (origin === "array") return `${limit} ${isOne ? "entry" : "entries"}`;
  if (origin === "string") return `${limit} ${isOne ? "character" : "characters"}`;
  return String(limit);
}
