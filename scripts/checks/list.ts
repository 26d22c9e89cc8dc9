import path from "node:path";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";
import { type Counts, pytestCounts, vitestCounts } from "./counts.ts";

export interface Check {
  readonly name: string;
  readonly commands: readonly (readonly [string, ...string[]])[];
  readonly cwd?: string;
  /** Environment variables in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Part of the quick loop. */
  readonly isFast?: true;
  /** A test runner: its output is shown immediately, and its tests are counted from its report. */
  readonly tests?: {
    readonly report: string;
    readonly count: (report: string) => Counts;
    /** The report in JUnit's format, for the times of the files. */
    readonly junit: string;
  };
}

interface Place {
  /** Interpreter of the Python environment with the development group. */
  readonly python: string;
  /** Folder for reports. */
  readonly scratch: string;
  /** Whether tests use their long amounts. */
  readonly isLong: boolean;
}

const zones = ["contract", "view", "core", "workers", "cli", "tools", "tests"];

/** Lists cheap checks first and the test runners, which need all cores, last. */
export function allChecks({ python, scratch, isLong }: Place): readonly Check[] {
  const node = process.execPath;
  const inPackages = (file: string) => path.join(appRoot, "node_modules", file);
  const script = (name: string, ...args: string[]) => [node, path.join("scripts", name), ...args] as const;
  const module = (name: string, ...args: string[]) => [python, "-m", name, ...args] as const;
  const trainer = path.join(appRoot, "trainer");
  const pytestReport = path.join(scratch, "pytest.xml");
  /** The tests of one of Vitest's projects (vitest.config.ts). */
  const testsOf = (project: string): Check => {
    const [report, junit] = [path.join(scratch, `${project}.json`), path.join(scratch, `${project}.xml`)];
    const reporters = ["default", "json", "junit"].map((reporter) => `--reporter=${reporter}`);
    const outputs = [`--outputFile.json=${report}`, `--outputFile.junit=${junit}`];
    return {
      name: `${project} tests`,
      commands: [[node, inPackages("vitest/vitest.mjs"), "run", "--project", project, ...reporters, ...outputs]],
      env: isLong ? { SIGNALBOX_LONG: "1" } : {},
      tests: { report, count: vitestCounts, junit },
    };
  };
  const ruffed = ["--config", "pyproject.toml", ".", "../scripts"];
  return [
    {
      name: "format and lint",
      commands: [[node, inPackages("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings", "--colors=off"]],
      isFast: true,
    },
    {
      name: "types",
      commands: zones.map((zone) => [node, inPackages("typescript/bin/tsc"), "-p", `tsconfigs/${zone}.json`] as const),
      isFast: true,
    },
    { name: "layers", commands: [script("layers.ts")], isFast: true },
    {
      name: "unused exports and dependencies",
      commands: [[node, inPackages("knip/bin/knip.js"), "--no-progress"]],
      isFast: true,
    },
    { name: "configuration reference", commands: [script("generate-config-reference.ts", "--check")] },
    { name: "the trainer's specifications", commands: [script("generate-trainer-specs.ts", "--check")] },
    {
      name: "model parameters",
      commands: [[python, path.join(appRoot, "scripts", "generate-model-params.py"), "--check"]],
    },
    { name: "locks", commands: [script("complete-lock.ts", "--check"), script("lock-python.ts", "--check")] },
    {
      name: "Python format and lint",
      commands: [module("ruff", "check", ...ruffed), module("ruff", "format", "--check", ...ruffed)],
      cwd: trainer,
    },
    { name: "Python types", commands: [module("mypy")], cwd: trainer },
    {
      name: "Python tests",
      commands: [module("pytest", "-q", `--junitxml=${pytestReport}`)],
      cwd: trainer,
      tests: { report: pytestReport, count: pytestCounts, junit: pytestReport },
    },
    { ...testsOf("unit"), isFast: true },
    testsOf("system"),
  ];
}
