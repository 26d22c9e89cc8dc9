import { expect, test } from "vitest";
import { type GateRow, gateRowSchema } from "../../../contract/runs/stage-results.ts";
import { wasRescored } from "./was-rescored.ts";

const row = (over: Partial<GateRow>): GateRow => ({
  role: "validity",
  metric: "same rows",
  rule: "holds",
  candidate: null,
  production: null,
  improvement: null,
  low: null,
  high: null,
  p: null,
  adjustedP: null,
  outcome: "pass",
  note: null,
  ...over,
});

test("whether production was scored again is a field of the row, whatever its note says", () => {
  expect(wasRescored([row({ isProductionRescored: true, note: "other words" })])).toBe(true);
  expect(wasRescored([row({ isProductionRescored: false, note: "production was re-scored on these rows" })])).toBe(
    false,
  );
});

test("rows that were decided before there was a field say it in the one note they had", () => {
  const before = row({ note: "production was re-scored on these rows" });
  expect(gateRowSchema.parse(before)).toEqual(before);
  expect(wasRescored([before])).toBe(true);
  expect(wasRescored([row({ note: "production was evaluated on these rows" })])).toBe(false);
  expect(wasRescored([row({ metric: "leakage", note: "production was re-scored on these rows" })])).toBe(false);
});
