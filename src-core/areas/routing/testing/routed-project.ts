import { mkdirSync } from "node:fs";
import path from "node:path";
import { plainProject, projectId } from "../../../../test/support/plain-project.ts";
import { candidate } from "../../../../test/support/routing-candidates.ts";
import { writeMaster } from "../../../../test/support/split-project.ts";
import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { writeCandidates } from "../candidates/candidate-files.ts";

/** A project of shops with two targets that routing can be asked about: nothing is assessed, the candidates are made up. */

const described = `version: 2
name: shops
id: ${projectId}
type: mlflow_model
task: regression
master: data/master.parquet
target: sales
targets:
  - { name: sales, column: sales, task: regression, horizon_minutes: 30, families: [ridge, trees] }
  - { name: busy, sql: "staff > 20", task: binary, positive_class: true, families: [logit] }
segments: { column: shop }
families:
  ridge: {}
  trees: { type: hist_gradient_boosting }
  logit: { type: logistic_regression }
`;

export const smallPolicy = "version: 1\nmin_sample_size: { cross_sectional: 500, symbol: 100 }\n";

/** Three shops on 750 days; the smallest has every fiftieth row alone. Sales follow area and staff. */
const rows = `SELECT CASE WHEN i % 50 = 0 THEN 'tiny' WHEN i % 2 = 0 THEN 'north' ELSE 'south' END AS shop, TIMESTAMP '2024-01-01' + to_days((i // 2)::INTEGER) AS day, (hash(i * 3) % 1000) / 7.0::DOUBLE AS area, (hash(i * 5) % 50)::INTEGER AS staff, ['north', 'south'][1 + i % 2] AS region, (hash(i * 11) % 10)::DOUBLE AS returns, (hash(i * 3) % 1000) / 7.0 + (hash(i * 5) % 50) + (hash(i * 9) % 1000) / 8.0::DOUBLE AS sales FROM range(1500) t(i)`;

const regression = { target: "sales", metric_name: "r2", task_type: "regression", sample_size: 700 } as const;
const binary = { target: "busy", sample_size: 1_200 } as const;

/** Sales are worth a model of all shops and of two of them; busy days of none but the pooled view. */
export const shopCandidates: readonly Candidate[] = [
  candidate({ ...regression, score: 0.3, sample_size: 1_200 }),
  candidate({ ...regression, symbol: "north", score: 0.4 }),
  candidate({ ...regression, symbol: "south", score: 0.4 }),
  candidate({ ...regression, symbol: "tiny", score: 0.4, sample_size: 24 }),
  candidate({ ...binary, score: 0.7 }),
  candidate({ ...binary, symbol: "north", score: 0.4, sample_size: 600 }),
];

/** Writes the project into a new folder and gives the folder. */
export async function routedProject({
  signalbox = described,
  policy = smallPolicy,
}: {
  readonly signalbox?: string;
  readonly policy?: string;
} = {}): Promise<string> {
  const root = plainProject({
    "signalbox.yaml": signalbox,
    "configs/routing.yaml": policy,
    "configs/splits/v1.yaml":
      "version: 1\nrules: 2\nstrategy: group_hash\nsalt: shops/v1\ngroup: [day]\ntest_basis_points: 2000\n",
    "configs/promotion.yaml": "version: 1\nprimary: { metric: reference_rmse, goal: superiority }\n",
  });
  await writeMaster(root, rows);
  await putCandidates(root, shopCandidates);
  return root;
}

export async function putCandidates(root: string, candidates: readonly Candidate[]): Promise<void> {
  const { routing } = projectPaths(root);
  mkdirSync(routing, { recursive: true });
  await writeCandidates(path.join(routing, "routing_candidates.parquet"), candidates, "parquet");
}
