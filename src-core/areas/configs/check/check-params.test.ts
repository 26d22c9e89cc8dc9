import { expect, it } from "vitest";
import type { Task } from "../../../contract/configs/project-config.ts";
import { parseYaml } from "../read/parse-yaml.ts";
import { checkParams } from "./check-params.ts";
import { Findings } from "./findings.ts";
import { modelParams } from "./model-params.ts";
import { modelTypes } from "./model-types.ts";

/** The messages and hints about the parameters of a model, given as YAML. */
function problems(type: string, yaml: string, task: Task = "regression"): readonly string[] {
  const parsed = parseYaml(Buffer.from(yaml), "model.yaml");
  const findings = new Findings({ source: parsed });
  checkParams(findings, { type, task, params: parsed.value as Readonly<Record<string, unknown>>, path: [] });
  return findings.problems.map(({ message, hint, place }) => `${place.line}: ${message}. ${hint}`);
}

it("knows the parameters of every model type, for each task it does", () => {
  expect(Object.keys(modelParams)).toEqual(Object.keys(modelTypes));
  for (const [type, { tasks }] of Object.entries(modelTypes)) {
    const { both, regression, classes } = modelParams[type] ?? {};
    expect({ ...both, ...regression }.random_state !== undefined, type).toBe(tasks.includes("regression"));
    expect({ ...both, ...classes }.random_state !== undefined, type).toBe(tasks.includes("binary"));
  }
});

it.each([
  ["random_forest", "n_estimator: 5", "`random_forest` has no parameter `n_estimator` — did you mean `n_estimators`?"],
  ["hist_gradient_boosting", "learningrate: 0.1", "did you mean `learning_rate`?"],
  ["lightgbm", "numleaves: 7", "did you mean `num_leaves`?"],
  ["xgboost", "maxdepth: 7", "did you mean `max_depth`?"],
  ["ridge", "zzz: 1", "Its parameters are alpha, copy_X, fit_intercept, max_iter, positive, solver, tol."],
  ["random_forest", "class_weight: balanced", "`random_forest` has no parameter `class_weight`"],
])("names a parameter that %s doesn't have: %s", (type, yaml, expected) => {
  expect(problems(type, yaml).join()).toContain(expected);
});

it.each([
  [
    "random_forest",
    "n_estimators: many",
    '`n_estimators` is "many", which `random_forest` doesn\'t take. Write a whole number from 1.',
  ],
  ["random_forest", 'n_estimators: "100"', "Write a whole number from 1."],
  ["random_forest", "n_estimators: 0", "Write a whole number from 1."],
  ["random_forest", "n_estimators: 10.5", "Write a whole number from 1."],
  ["random_forest", "bootstrap: 1", "Write true or false."],
  ["ridge", "solver: sagga", "Write auto or cholesky or lbfgs"],
  ["ridge", "alpha: .inf", "`alpha` is Infinity"],
  ["elastic_net", "l1_ratio: 1.5", "Write a number from 0 and at most 1."],
  ["lightgbm", "num_leaves: 31.5", "Write a whole number."],
  ["xgboost", "max_depth: deep", "Write a whole number or null."],
  ["mlp", "hidden_layer_sizes: wide", "Write a list or a whole number from 1."],
])("names a value that %s doesn't take: %s", (type, yaml, expected) => {
  expect(problems(type, yaml)).toHaveLength(1);
  expect(problems(type, yaml).join()).toContain(expected);
});

it("refuses a share that would be read as a count, and takes it where only a share is meant", () => {
  expect(problems("random_forest", "max_features: 1.0").join()).toContain(
    "would be read as the whole number 1, a count",
  );
  expect(problems("random_forest", "max_samples: 1e0").join()).toContain("would be read as the whole number 1");
  expect(problems("random_forest", "max_features: 1")).toEqual([]);
  expect(problems("hist_gradient_boosting", "max_features: 1.0")).toEqual([]);
  expect(problems("random_forest", "max_features: 0.5")).toEqual([]);
});

it("refuses what the trainer sets, with the place where it is set", () => {
  expect(problems("random_forest", "n_jobs: 4").join()).toContain("set `executors.local.threads`");
  expect(problems("random_forest", "random_state: 4").join()).toContain("the file's own `seed`");
  expect(problems("lightgbm", "seed: 4").join()).toContain("the file's own `seed`");
});

it("takes what the estimators take, for the task", () => {
  expect(problems("ridge", "{ alpha: 0, solver: lsqr, max_iter: null }")).toEqual([]);
  expect(problems("mlp", "{ hidden_layer_sizes: [8, 8], batch_size: auto, alpha: 1e-4 }")).toEqual([]);
  expect(problems("random_forest", "{ class_weight: { a: 2 }, criterion: gini }", "multiclass")).toEqual([]);
  expect(problems("python:own:make", "{ anything: goes }")).toEqual([]);
});
