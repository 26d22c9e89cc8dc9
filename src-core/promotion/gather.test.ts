import { expect, test } from "vitest";
import { judge, warningsOf } from "../splits/leak-findings.ts";
import { leaksTold } from "./gather.ts";

test("the gate's row on leaks tells what the split's checks found, and no other warning", () => {
  const findings = [
    judge("near_duplicates", { count: 255 }, []),
    judge("duplicates", { count: 40 }, ["duplicates"]),
    judge("time_order", { count: 0 }, []),
  ];
  const told = leaksTold(["The test group X has no row in the table.", ...warningsOf(findings)]);
  expect(told).toMatch(/^near_duplicates: 255 rows .*; duplicates: 40 rows .*\(accepted by the split schema\)$/);
});

test("without a finding it says that there was none", () => {
  expect(leaksTold(["The test group X has no row in the table."])).toBe("the split's checks found none");
});
