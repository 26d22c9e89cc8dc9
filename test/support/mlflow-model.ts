import { execFileSync } from "node:child_process";
import { jobEnvironment } from "../../src-core/foundation/exec/job-environment.ts";

/** Saves a tiny scikit-learn model to a new folder, as the trainer does: with signature and input example. */
export function saveTinyModel(python: string, folder: string): void {
  const program = `
import sys, numpy, pandas, mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
X = pandas.DataFrame({"a": numpy.arange(20.0), "b": numpy.arange(20.0) ** 2})
model = Pipeline([("preprocessor", StandardScaler()), ("model", Ridge())]).fit(X, X["a"] * 2)
mlflow.sklearn.save_model(model, sys.argv[1], signature=infer_signature(X, model.predict(X)), input_example=X.head(3),
    serialization_format="skops", pip_requirements=["scikit-learn"])
`;
  execFileSync(python, ["-c", program, folder], {
    env: jobEnvironment(process.env, { MLFLOW_DISABLE_TELEMETRY: "true" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
}
