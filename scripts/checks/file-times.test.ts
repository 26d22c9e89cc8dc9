import { describe, expect, it } from "vitest";
import { fileTimes, slowestFiles } from "./file-times.ts";

const vitest = `<testsuites name="vitest tests" tests="3" time="9.5">
  <testsuite name="src-core/a.test.ts" timestamp="2026-01-01" tests="2" time="1.25">
    <testcase classname="src-core/a.test.ts" name="is &gt; 0" time="0.5"></testcase>
  </testsuite>
  <testsuite name="test/e2e/b.test.ts" tests="1" time="8"><testcase classname="x" name="y" time="2"></testcase></testsuite>
</testsuites>`;
const pytest = `<testsuites><testsuite name="pytest" errors="0" tests="3" time="4.0">
  <testcase classname="tests.test_folds" name="one" time="0.5" /><testcase classname="tests.test_folds.TestTies" name="two" time="1.0" />
  <testcase classname="tests.test_cli" name="three" time="2.0" /></testsuite></testsuites>`;

describe("the time of a test file", () => {
  it("is that of its suite in Vitest's report, hooks included", () => {
    expect(fileTimes(vitest)).toEqual([
      { file: "src-core/a.test.ts", seconds: 1.25 },
      { file: "test/e2e/b.test.ts", seconds: 8 },
    ]);
  });

  it("is the sum of its cases in pytest's report", () => {
    expect(fileTimes(pytest)).toEqual([
      { file: "trainer/tests/test_folds.py", seconds: 1.5 },
      { file: "trainer/tests/test_cli.py", seconds: 2 },
    ]);
  });

  it("is shown for the slowest files, slowest first", () => {
    expect(slowestFiles([...fileTimes(vitest), ...fileTimes(pytest)], 2)).toBe(
      "Slowest test files:\n     8.0 s  test/e2e/b.test.ts\n     2.0 s  trainer/tests/test_cli.py\n",
    );
    expect(slowestFiles([])).toBe("");
  });
});
