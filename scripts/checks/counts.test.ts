import { expect, it } from "vitest";
import { closingLine, pytestCounts, sum, vitestCounts } from "./counts.ts";

it("reads Vitest's report", () => {
  const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, numFailedTestSuites: 1 };
  expect(vitestCounts(JSON.stringify(report))).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

it("counts a file that couldn't be loaded as failed", () => {
  expect(vitestCounts(JSON.stringify({ numPassedTests: 5, numFailedTests: 0, numFailedTestSuites: 1 })).failed).toBe(1);
});

it("reads pytest's report", () => {
  const report =
    '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1.0"></testsuite></testsuites>';
  expect(pytestCounts(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
});

it("ends with one line for all", () => {
  const all = [
    { passed: 2, failed: 0, skipped: 1 },
    { passed: 3, failed: 1, skipped: 0 },
  ];
  expect(closingLine(sum(all))).toBe("5 passed, 1 failed, 1 skipped");
});
