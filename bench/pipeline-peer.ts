import { DuckDBInstance } from "@duckdb/node-api";

/** Boosting rounds: so many that a million rows take a minute on two cores. */
export const iterations = 500;
const params = { max_iter: iterations, learning_rate: 0.05, early_stopping: false };

/** The model schema, which the script's estimator uses, too. */
export const configured: string = `version: 1
model: { type: hist_gradient_boosting, params: ${JSON.stringify(params)} }
seed: 42
`;

/** Orders of 2,000 shops: ten numbers, two of them with nulls, two categories, and minutes that depend on them. */
export async function writeTable(file: string, rows: number): Promise<void> {
  const duck = await DuckDBInstance.create(":memory:");
  const connection = await duck.connect();
  const uniform = (salt: number) => `(hash(i * 64 + ${salt}) % 1000003) / 1000003.0`;
  const numbers = Array.from({ length: 8 }, (_, k) => `${uniform(k)} AS x${k}`);
  const gaps = [8, 9].map((k) => `CASE WHEN ${uniform(k + 20)} >= 0.1 THEN ${uniform(k)} END AS x${k}`);
  await connection.run(`COPY (
    SELECT * EXCLUDE (i), 20 + 30 * x0 * x1 + 15 * sin(6 * x2) + 10 * coalesce(x8, 0.5) + 5 * x3 ^ 2
      + CASE channel WHEN 'web' THEN 4 ELSE 0 END + 6 * (${uniform(40)} - 0.5) AS minutes
    FROM (SELECT i, i AS order_id, 'shop-' || lpad((hash(i * 64 + 30) % 2000)::VARCHAR, 4, '0') AS shop, ${numbers.join(", ")},
        ${gaps.join(", ")}, ['web', 'phone', 'app'][1 + (hash(i * 64 + 31) % 3)::INT] AS channel,
        'r' || (hash(i * 64 + 32) % 12) AS region
      FROM range(${rows}) t(i))
  ) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  duck.closeSync();
}

/** A hand-written script: read, group split, same preprocessing and fit, log, load back, score. */
export function peerProgram(table: string): string {
  return `
import importlib.metadata
import mlflow, mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

def measured(prefix, y, predicted):
    return {
        prefix + "rmse": float(np.sqrt(mean_squared_error(y, predicted))),
        prefix + "mae": float(mean_absolute_error(y, predicted)),
        prefix + "r2": float(r2_score(y, predicted)),
    }

table = pd.read_parquet(${JSON.stringify(table)})
train_rows, test_rows = next(GroupShuffleSplit(1, test_size=0.2, random_state=42).split(table, groups=table["shop"]))
train, test = table.iloc[train_rows], table.iloc[test_rows]
numeric = [f"x{k}" for k in range(10)]
categorical = ["channel", "region"]
features = [*numeric, *categorical]
params = dict(max_iter=${params.max_iter}, learning_rate=${params.learning_rate}, early_stopping=False, random_state=42)
model = Pipeline([
    ("preprocessor", ColumnTransformer([
        ("numeric", SimpleImputer(strategy="median"), numeric),
        ("categorical", OneHotEncoder(handle_unknown="ignore"), categorical),
    ], sparse_threshold=0.0)),
    ("model", HistGradientBoostingRegressor(**params)),
])
mlflow.set_experiment("script")
with mlflow.start_run() as run:
    mlflow.log_params(params)
    model.fit(train[features], train["minutes"])
    mlflow.log_metrics(measured("train_", train["minutes"], model.predict(train[features])))
    example = train[features].head(5)
    pins = [f"{name}=={importlib.metadata.version(name)}" for name in ("mlflow", "scikit-learn", "pandas", "numpy")]
    mlflow.sklearn.log_model(
        model, name="model", signature=infer_signature(example, model.predict(example)), input_example=example,
        pip_requirements=pins, serialization_format="cloudpickle",
    )
    loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    mlflow.log_metrics(measured("reference_", test["minutes"], loaded.predict(test[features])))
`;
}
