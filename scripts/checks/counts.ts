/** Numbers of passed, failed and skipped tests, from the reports of the runners. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function sum(all: readonly Counts[]): Counts {
  const total = (key: keyof Counts) => all.reduce((count, it) => count + it[key], 0);
  return { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
}

/** Vitest's JSON report. A file that couldn't be loaded has no failed test, but a failed suite. */
export function vitestCounts(report: string): Counts {
  const it: Readonly<Record<string, unknown>> = JSON.parse(report);
  const of = (key: string) => (typeof it[key] === "number" ? it[key] : 0);
  const failed = of("numFailedTests");
  return {
    passed: of("numPassedTests"),
    failed: failed === 0 ? of("numFailedTestSuites") : failed,
    skipped: of("numPendingTests") + of("numTodoTests"),
  };
}

/** pytest's JUnit report: the attributes of its suite. */
export function pytestCounts(report: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(report)?.[0] ?? "";
  const of = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = of("failures") + of("errors");
  return { passed: of("tests") - failed - of("skipped"), failed, skipped: of("skipped") };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
