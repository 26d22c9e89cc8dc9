/** How long each test file took, hooks included, from the JUnit reports of both test runners. */
export interface FileTime {
  readonly file: string;
  readonly seconds: number;
}

/** Vitest writes a suite for each file; pytest writes a single suite, whose cases name their module as `tests.test_cli`. */
export function fileTimes(report: string): readonly FileTime[] {
  const suites = elements(report, "testsuite");
  if (suites[0]?.name !== "pytest") return suites.map(({ name, seconds }) => ({ file: name, seconds }));
  const sums = new Map<string, number>();
  for (const { classname, seconds } of elements(report, "testcase")) {
    const module = classname.split(".").filter((part) => !/^[A-Z]/.test(part));
    const file = `trainer/${module.join("/")}.py`;
    sums.set(file, (sums.get(file) ?? 0) + seconds);
  }
  return [...sums].map(([file, seconds]) => ({ file, seconds }));
}

function elements(report: string, element: string) {
  return [...report.matchAll(new RegExp(`<${element} ([^>]*)>`, "g"))].map(([, attributes = ""]) => {
    const of = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
    return { name: of("name"), classname: of("classname"), seconds: Number(of("time")) };
  });
}

/** The slowest files first, one per line; empty if nothing was measured. */
export function slowestFiles(times: readonly FileTime[], count = 10): string {
  const slowest = times.toSorted((a, b) => b.seconds - a.seconds).slice(0, count);
  if (slowest.length === 0) return "";
  const lines = slowest.map(({ file, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${file}`);
  return `Slowest test files:\n${lines.join("\n")}\n`;
}
