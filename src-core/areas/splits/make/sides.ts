import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import { parseDurationMs } from "../../../contract/duration.ts";
import { momentText } from "../../../contract/schema-parts.ts";
import { momentSql } from "../contract/contract-rules.ts";
import type { TestUnits } from "./test-units.ts";

/** Some of the master's rows: those of test units, of the others, or all, optionally restricted by a condition. */
export interface Part {
  readonly units: "test" | "others" | "all";
  readonly where: string | null;
}

/** What happens to each row. The parts are disjoint and cover the table. */
export interface Sides {
  readonly train: Part;
  readonly reference: Part;
  /** Where optional tests are drawn from: the reference, or all of the test groups. */
  readonly testSide: Part;
  readonly leftOut: Readonly<Record<string, Part>>;
}

/** The column whose order a strategy depends on. */
export function timeColumnOf(split: SplitSchema): string | null {
  if (split.strategy === "geographic") return split.closed_period.column;
  return split.strategy === "temporal" || split.strategy === "group_temporal" ? split.column : null;
}

/** `time` is the SQL of the moments of the strategy's time column; unused if it has none. */
export function sidesOf(split: SplitSchema, time: string): Sides {
  switch (split.strategy) {
    case "group_hash":
    case "stratified_hash": {
      const reference: Part = { units: "test", where: null };
      return { train: { units: "others", where: null }, reference, testSide: reference, leftOut: {} };
    }
    case "geographic": {
      const { from, to } = split.closed_period;
      const isInside = `(${time} >= ${momentSql(momentText(from))} AND ${time} < ${momentSql(momentText(to))})`;
      return {
        train: { units: "others", where: null },
        reference: { units: "test", where: isInside },
        testSide: { units: "test", where: null },
        leftOut: { test_outside_period: { units: "test", where: `NOT ${isInside}` } },
      };
    }
    case "temporal": {
      const { isBefore, isEmbargoed, isAfter } = cutOff(split, time);
      const reference: Part = { units: "all", where: isAfter };
      return {
        train: { units: "all", where: isBefore },
        reference,
        testSide: reference,
        leftOut: { embargo: { units: "all", where: isEmbargoed } },
      };
    }
    case "group_temporal": {
      const { isBefore, isEmbargoed, isAfter } = cutOff(split, time);
      const reference: Part = { units: "test", where: isAfter };
      return {
        train: { units: "others", where: isBefore },
        reference,
        testSide: reference,
        leftOut: {
          embargo: { units: "others", where: isEmbargoed },
          train_groups_after_cutoff: { units: "others", where: isAfter },
          test_groups_before_cutoff: { units: "test", where: `NOT ${isAfter}` },
        },
      };
    }
  }
}

function cutOff(split: { readonly cutoff: string | number; readonly embargo?: string | undefined }, time: string) {
  const cutoff = momentSql(momentText(split.cutoff));
  const embargoMs = split.embargo === undefined ? 0 : parseDurationMs(split.embargo);
  const trainEnd = `(${cutoff} - to_milliseconds(${embargoMs}))`;
  return {
    isBefore: `(${time} < ${trainEnd})`,
    isEmbargoed: `(${time} >= ${trainEnd} AND ${time} < ${cutoff})`,
    isAfter: `(${time} >= ${cutoff})`,
  };
}

/** SELECT of a part's rows, without an order. */
export function partSql(relation: string, part: Part, units: TestUnits | null): string {
  const join = part.units === "all" || units === null ? "" : ` ${part.units === "test" ? units.semi : units.anti}`;
  return `SELECT * FROM ${relation}${join}${part.where === null ? "" : ` WHERE ${part.where}`}`;
}
