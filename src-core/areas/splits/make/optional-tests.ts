import { createHash } from "node:crypto";
import type { OptionalTest } from "../../../contract/configs/split-schema.ts";
import { parseDurationMs } from "../../../contract/duration.ts";
import { AppError } from "../../../contract/errors.ts";
import { literal } from "../../../foundation/duck/quote.ts";

/** One optional test to write: a condition on the rows of the test side. */
export interface PlannedTest {
  readonly name: string;
  readonly where: string;
}

/** What names and conditions depend on, queried from the test side beforehand. */
export interface TestSideFacts {
  readonly columnSql: (column: string) => string;
  /** SQL of the moment of a time column. */
  readonly momentSql: (column: string) => string;
  /** SQL of the latest time of a column on the test side; null if there is none. */
  readonly latest: ReadonlyMap<string, string | null>;
  /** Distinct values of a sliced column as strings, sorted; null means rows without a value. */
  readonly slices: ReadonlyMap<string, readonly (string | null)[]>;
}

export interface TestPlan {
  readonly tests: readonly PlannedTest[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** A column with more slices than this was chosen by mistake. */
const sliceLimit = 200;

const reserved = new Set(["reference", "train", "test_reference"]);

/** @throws configs/inconsistent if names collide or a column has too many values */
export function planOptionalTests(tests: readonly OptionalTest[], facts: TestSideFacts): TestPlan {
  const planned: PlannedTest[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const test of tests) {
    if ("moving_period" in test) {
      const { column, durations } = test.moving_period;
      const latest = facts.latest.get(column) ?? null;
      for (const duration of durations) {
        const name = durations.length === 1 ? test.name : `${test.name}_${duration}`;
        if (latest === null) skipped.push({ name, reason: `no time in ${column} on the test side` });
        else {
          const start = `(${latest} - to_milliseconds(${parseDurationMs(duration)}))`;
          planned.push({ name, where: `${facts.momentSql(column)} > ${start}` });
        }
      }
    } else if ("filter" in test) {
      planned.push({ name: test.name, where: `coalesce((${test.filter.sql}\n), false)` });
    } else {
      const plan = planSlices(test.name, test.slice.column, facts);
      planned.push(...plan.tests);
      skipped.push(...plan.skipped);
    }
  }
  refuseCollisions([...planned, ...skipped].map(({ name }) => name));
  return { tests: planned, skipped };
}

function planSlices(name: string, column: string, facts: TestSideFacts): TestPlan {
  const values = facts.slices.get(column) ?? [];
  const present = values.filter((value) => value !== null);
  if (present.length > sliceLimit) {
    throw new AppError({
      code: "configs/inconsistent",
      message: `The optional test ${name} slices by ${column}, which has ${present.length} values on the test side (at most ${sliceLimit}).`,
      hint: "Slice by a column with few values, or write a `filter` for those that matter.",
      details: { name, column },
    });
  }
  const tests = present.map((value) => ({
    name: `${name}__${safeName(value)}`,
    where: `(${facts.columnSql(column)})::VARCHAR = ${literal(value)}`,
  }));
  const skipped = [
    ...(present.length < values.length
      ? [{ name: `${name}__`, reason: `rows without a value in ${column} are in no slice` }]
      : []),
    ...(values.length === 0 ? [{ name, reason: "the test side is empty" }] : []),
  ];
  return { tests, skipped };
}

/** A value as a part of file and metric names; if a character had to be replaced, six digits of its md5 keep names distinct. */
export function safeName(value: string): string {
  const safe = value.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 60);
  if (safe === value && value !== "") return value;
  return `${safe}-${createHash("md5").update(value).digest("hex").slice(0, 6)}`;
}

function refuseCollisions(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!seen.has(name) && !reserved.has(name)) {
      seen.add(name);
      continue;
    }
    throw new AppError({
      code: "configs/inconsistent",
      message: `Two tests of the split would have the name ${name}.`,
      hint: "Give each optional test a name of its own; `reference` and `train` are taken.",
      details: { name },
    });
  }
}
