import type { StabilityMetrics } from "../../../contract/routing/routing-plans.ts";
import { didYouMean } from "../../../foundation/text/did-you-mean.ts";

/**
 * Values of a candidate table as they come from Parquet (typed) or CSV (strings). Each reader returns the value or records
 * what is wrong with it. An empty string is a missing value, because CSV has no other form for it.
 */
export class CandidateValues {
  readonly #row: Readonly<Record<string, unknown>>;
  readonly problems: string[] = [];

  constructor(row: Readonly<Record<string, unknown>>) {
    this.#row = row;
  }

  /** The value of a column; null if it has none. */
  #value(column: string): unknown {
    const value = this.#row[column];
    return value === undefined || value === "" ? null : value;
  }

  #refuse(column: string, value: unknown, expected: string): null {
    this.problems.push(`${column} is ${shown(value)}; expected ${expected}`);
    return null;
  }

  /** True for an empty string, which elsewhere is a missing value. */
  isEmpty(column: string): boolean {
    return this.#row[column] === "";
  }

  /** Compares the raw value; null also stands for a missing column. */
  is(column: string, value: string | null): boolean {
    return (this.#row[column] ?? null) === value;
  }

  text(column: string): string | null {
    const value = this.#value(column);
    if (value === null || typeof value === "string") return value;
    // Segments are often numbered: a number's string names it as a CSV file would.
    if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) return String(value);
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    return this.#refuse(column, value, "a string");
  }

  number(column: string): number | null {
    const value = this.#value(column);
    if (value === null) return null;
    const number = numeric(value);
    // −0 is 0 in every string and comparison, so it becomes 0 in memory too.
    return number === undefined ? this.#refuse(column, value, "a finite number") : number + 0;
  }

  /** A whole number from 0. */
  whole(column: string): number | null {
    const value = this.#value(column);
    if (value === null) return null;
    const number = numeric(value);
    const isWhole = number !== undefined && Number.isSafeInteger(number) && number >= 0;
    return isWhole ? number + 0 : this.#refuse(column, value, "a whole number from 0");
  }

  oneOf<T extends string>(column: string, allowed: readonly T[]): T | null {
    const value = this.#value(column);
    if (value === null) return null;
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? didYouMean(value, allowed) : "";
    return this.#refuse(column, value, `one of ${allowed.join(", ")}${near}`);
  }

  /** A structure, or its JSON string. */
  metrics(column: string): StabilityMetrics | null {
    const value = this.#value(column);
    const record = typeof value === "string" ? parsedJson(value) : value;
    if (record === null) return null;
    if (typeof record !== "object" || Array.isArray(record)) return this.#refuse(column, value, "an object of figures");
    const figures = new CandidateValues(record as Readonly<Record<string, unknown>>);
    const metrics = {
      mean_overlap: figures.number("mean_overlap"),
      std_overlap: figures.number("std_overlap"),
      mean_tau: figures.number("mean_tau"),
      std_tau: figures.number("std_tau"),
    };
    // An overlap needs at least two snapshots, so that is assumed for a table without the count.
    const snapshots = figures.whole("snapshots") ?? (metrics.mean_overlap === null ? 0 : 2);
    this.problems.push(...figures.problems.map((problem) => `${column}.${problem}`));
    return { snapshots, ...metrics };
  }
}

function numeric(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string" || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Null for JSON's own null; a string that isn't JSON stays unchanged, and is refused as such. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function shown(value: unknown): string {
  const text =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? "a structure" : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
