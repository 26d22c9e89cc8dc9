import { expect, it } from "vitest";
import { type PooledTarget, whatWasFound } from "./prepare-views.ts";

const target = (train: number, reference: number, segments: PooledTarget["segments"]) => ({
  pooled: { train: { rows: train }, reference: { rows: reference } },
  segments,
});

it("what an assessment reads is said, rows without a segment too", () => {
  const north = { value: "north", train: 600, reference: 150 };
  const south = { value: "south", train: 1_000, reference: 250 };
  expect(whatWasFound(1_600, [target(1_600, 400, [north, south])], true)).toBe(
    "1,600 training rows, 1 target, 2 segments",
  );
  expect(whatWasFound(1_660, [target(1_650, 410, [north, south]), target(900, 150, [north])], true)).toBe(
    "1,660 training rows, 2 targets, 2 segments, 300 rows without a segment (in the pooled view alone)",
  );
  expect(whatWasFound(1_600, [target(1_600, 400, [])], false)).toBe("1,600 training rows, 1 target, 0 segments");
});
