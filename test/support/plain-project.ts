import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** The id of projects that tests write by hand. */
export const projectId = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

/** The configuration of a small valid project; a test replaces the files it is about. */
export const plainFiles: Readonly<Record<string, string>> = {
  "signalbox.yaml": `version: 2
name: shops
id: ${projectId}
type: mlflow_model
task: regression
master: data/master.parquet
target: sales
`,
  "configs/active.yaml": `version: 1
split_version: 1
feature_version: 1
model_version: 1
data_contract_version: 1
`,
  "configs/data_contracts/v1.yaml": `version: 1
primary_key: [shop, day]
target: sales
columns:
  shop: { type: string, non_nullable: true }
  day: { type: timestamp, non_nullable: true }
  area: { type: float }
  staff: { type: int, non_nullable: true }
  region: { type: string, allowed_values: [north, south] }
  returns: { type: float, known: after }
  sales: { type: float, non_nullable: true }
rules: 2
`,
  "configs/splits/v1.yaml": `version: 1
strategy: group_hash
salt: shops/v1
group: [shop]
test_basis_points: 2000
optional_tests:
  - { name: recent, moving_period: { column: day, durations: [14d] } }
  - { name: by_region, slice: { column: region } }
rules: 2
`,
  "configs/features/v1.yaml": `version: 1
numeric:
  - { columns: [area, staff], impute: median }
categorical:
  - { columns: [region], impute: most_frequent, encode: onehot }
datetime:
  - { columns: [day], parts: [month, weekday] }
`,
  "configs/models/v1.yaml": `version: 1
model: { type: hist_gradient_boosting, params: { max_iter: 50 } }
seed: 42
`,
  "configs/promotion.yaml": `version: 1
primary: { metric: reference_rmse, goal: superiority }
decision_rule: bootstrap
gates:
  - { metric: recent_mae, max_relative_regression: 0.02 }
  - { metric: by_region__north_mae, max_relative_regression: 0.05 }
`,
};

/** Writes the plain project, with some files replaced, to a new temporary folder; returns the folder. */
export function plainProject(replaced: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-project-"));
  for (const [file, text] of Object.entries({ ...plainFiles, ...replaced })) {
    const absolute = path.join(root, file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }
  return root;
}
