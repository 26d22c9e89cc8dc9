import { execFileSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { openDuck } from "../src-core/foundation/duck/open.ts";
import { literal } from "../src-core/foundation/duck/quote.ts";

/** The number of targets and of jobs: each target has one family and is trained on all rows. */
const targets = 6;
/** Boosting rounds: few, on many rows. A model of a thousand trees takes longer to write, upload and load than to fit. */
const rounds = 100;
export const fullRows = 160_000;

const names = Array.from({ length: targets }, (_, at) => `y${at}`);

/**
 * A table of ten numbers over four days. Each target depends on three of them, with noise (a perfect score would be a leak). The last day
 * is the test side.
 */
async function writeTable(file: string, rows: number): Promise<void> {
  const uniform = (salt: number) => `(hash(id * 64 + ${salt}) % 1000003) / 1000003.0`;
  const numbers = Array.from({ length: 10 }, (_, k) => `${uniform(k)} AS x${k}`);
  const wanted = names.map(
    (name, at) => `10 * x${at} * x${at + 1} + 5 * sin(6 * x${at + 2}) + 8 * ${uniform(20 + at)} AS ${name}`,
  );
  const duck = await openDuck({ tempDirectory: `${file}.duck` });
  await duck.run(
    `COPY (SELECT *, ${wanted.join(", ")} FROM (SELECT id, TIMESTAMP '2013-01-01' + INTERVAL (id % 4) DAY AS at, ${numbers.join(", ")} FROM range(${rows}) t(id))) TO ${literal(file)} (FORMAT parquet)`,
  );
  duck.close();
}

const splitText = `version: 1
rules: 2
strategy: temporal
salt: train-plan/v1
column: at
cutoff: 2013-01-04
`;

const targetsText = `
targets:
${names.map((name) => `  - { name: ${name}, column: ${name}, task: regression }`).join("\n")}
families:
  boosted: { type: gradient_boosting, params: { n_estimators: ${rounds}, max_depth: 4 } }
`;

/** Three days give two folds and few snapshots: this measures how training is done, not where. */
const policyText = `version: 1
min_sample_size: { cross_sectional: 100, symbol: 100 }
stability_allowlist: { cross_sectional: [STABLE, DRIFTING, UNKNOWN, DIVERGED] }
`;

/** Creates a project with table, split, targets and policy, ready for assessment. */
export async function makeProject(
  folder: string,
  it: { readonly cli: readonly string[]; readonly env: NodeJS.ProcessEnv; readonly rows: number },
): Promise<string> {
  const table = path.join(folder, "days.parquet");
  await writeTable(table, it.rows);
  const project = path.join(folder, "project");
  const options = ["--table", table, "--target", "y0", "--key", "id", "--time", "at", "--no-git", "--quiet"];
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync(process.execPath, [...it.cli, "init", project, ...options], { env: it.env, stdio: [...stdio] });
  writeFileSync(path.join(project, "configs", "splits", "v1.yaml"), splitText);
  writeFileSync(path.join(project, "configs", "routing.yaml"), policyText);
  appendFileSync(path.join(project, "signalbox.yaml"), targetsText);
  return project;
}
