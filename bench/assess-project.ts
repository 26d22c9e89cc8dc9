import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { evidencePaths } from "../src-core/areas/routing/assess/evidence-files.ts";
import type { ViewEvidence } from "../src-core/contract/routing/routing-evidence.ts";
import { openDuck } from "../src-core/foundation/duck/open.ts";
import { literal } from "../src-core/foundation/duck/quote.ts";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";

/** Flights of a quarter: two targets, all carriers together and each separately, two families for each target. */
const projectText = `version: 2
name: assessed
id: e0c4a91b5d7f4386a2b81c06f39d7e54
type: mlflow_model
master: data/master.parquet
task: binary
target: cancelled
targets:
  - { name: arr_delay, column: arr_delay, task: regression, families: [ridge, trees] }
  - { name: late, sql: arr_delay > 15, task: binary, positive_class: true, families: [logistic, trees] }
segments: { column: carrier }
families:
  ridge: { type: ridge, params: { alpha: 10.0 } }
  logistic: { type: logistic_regression, params: { C: 0.1, max_iter: 500 } }
  trees: { type: hist_gradient_boosting, params: { max_iter: 50, max_leaf_nodes: 15, min_samples_leaf: 50 } }
`;

const featuresText = `version: 1
numeric:
  - { columns: [distance, sched_dep_time, sched_arr_time], scale: standard }
  - columns: [weather_temp, weather_humid, weather_wind_speed, weather_pressure, weather_visib, aircraft_year, aircraft_seats]
    impute: median
    scale: standard
  - { columns: [weather_precip], impute: { constant: 0 } }
categorical:
  - { columns: [carrier, origin], encode: onehot, min_frequency: 50 }
  - { columns: [dest], encode: target }
  - { columns: [tailnum], impute: { constant: none }, encode: target }
datetime:
  - { columns: [time_hour], parts: [weekday], cyclic: true }
`;

/** Creates a project from the sample of flights, or from its first `rows` flights. */
export async function makeProject(folder: string, rows: number | undefined): Promise<void> {
  const sample = path.join(appRoot, "fixtures", "samples", "flights-routing");
  cpSync(sample, folder, { recursive: true });
  writeFileSync(path.join(folder, "signalbox.yaml"), projectText);
  writeFileSync(path.join(folder, "configs", "features", "v1.yaml"), featuresText);
  rmSync(path.join(folder, "configs", "routing.yaml"));
  if (rows === undefined) return;
  const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
  const [from, to] = [sample, folder].map((it) => literal(path.join(it, "data", "master.parquet")));
  await duck.run(`COPY (FROM read_parquet(${from}) LIMIT ${rows}) TO ${to} (FORMAT parquet)`);
  duck.close();
}

/** Input for the peer: each row's fold in each view, and our score for each view and family. */
export interface Assessed {
  readonly foldsFile: string;
  /** By "target/segment/family". */
  readonly scores: ReadonlyMap<string, number>;
  readonly fits: number;
}

/** Taken from the evidence, so that both sides hold out the same rows. */
export async function writeFolds(folder: string): Promise<Assessed> {
  const { views } = JSON.parse(readFileSync(path.join(folder, "metrics", "routing", "evidence.json"), "utf8")) as {
    readonly views: readonly ViewEvidence[];
  };
  const folds = views.flatMap(({ target, symbol, signature, families, folds: count }) => {
    const { heldOut } = evidencePaths(path.join(folder, ".signalbox", "evidence"), signature);
    const [family] = families;
    if (family === undefined || family.score === null) return [];
    return Array.from(
      { length: count },
      (_, fold) =>
        `SELECT ${literal(target)} AS target, ${literal(symbol ?? "")} AS segment, ${fold} AS fold, source_row FROM read_parquet(${literal(heldOut(family.signature, fold))})`,
    );
  });
  const foldsFile = path.join(folder, "folds.parquet");
  const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
  await duck.run(`COPY (${folds.join(" UNION ALL ")}) TO ${literal(foldsFile)} (FORMAT parquet)`);
  duck.close();
  const scores = views.flatMap(({ target, symbol, families }) =>
    families.flatMap(({ family, score }) =>
      score === null ? [] : [[`${target}/${symbol ?? ""}/${family}`, score] as const],
    ),
  );
  return { foldsFile, scores: new Map(scores), fits: 2 * folds.length };
}
