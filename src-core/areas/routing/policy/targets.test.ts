import { describe, expect, test } from "vitest";
import { projectId } from "../../../../test/support/plain-project.ts";
import { dataContractSchema } from "../../../contract/configs/data-contract.ts";
import { projectConfigSchema } from "../../../contract/configs/project-config.ts";
import { AppError } from "../../../contract/errors.ts";
import { parseConfig } from "../../configs/read/read-config.ts";
import { resolveTargets } from "./targets.ts";

const head = `version: 2
name: tried
id: ${projectId}
type: mlflow_model
task: regression
master: data/master.parquet
target: arr_delay
`;

const contract = parseConfig(
  Buffer.from(`version: 1
rules: 2
primary_key: [id, day]
target: arr_delay
columns:
  id: { type: int, non_nullable: true }
  day: { type: timestamp, non_nullable: true }
  arr_delay: { type: float, non_nullable: true }
  dep_delay: { type: float }
  carrier: { type: string }
`),
  "configs/data_contracts/v1.yaml",
  dataContractSchema,
);

const resolve = (yaml: string) =>
  resolveTargets(parseConfig(Buffer.from(head + yaml), "signalbox.yaml", projectConfigSchema), contract);

function failure(yaml: string): AppError {
  try {
    resolve(yaml);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** The line of signalbox.yaml where a string first occurs. */
const lineOf = (yaml: string, text: string) => (head + yaml).split("\n").findIndex((line) => line.includes(text)) + 1;

describe("the parameters of families", () => {
  const families = "families:\n  forest: { type: random_forest, params: { class_weight: balanced, n_estimator: 5 } }\n";

  test("are checked for the tasks of the targets they compete for", () => {
    const binary = `targets:\n  - { name: late, sql: arr_delay > 15, task: binary }\n${families}`;
    const error = failure(binary);
    expect(error.message).toContain("`random_forest` has no parameter `n_estimator` — did you mean `n_estimators`?");
    expect(error.message).not.toContain("class_weight");
    const regression = failure(`targets:\n  - { name: delay, column: arr_delay, task: regression }\n${families}`);
    expect(regression.message + JSON.stringify(regression.details)).toContain("no parameter `class_weight`");
  });
});

describe("targets of a project", () => {
  test("have their defaults: metric of the task, families of the task, the project's gate", () => {
    const [delay, late] = resolve(`targets:
  - { name: delay, column: arr_delay, task: regression }
  - { name: late, sql: arr_delay > 15, task: binary }
`);
    expect(delay).toEqual({
      ...{ name: "delay", column: "arr_delay", sql: null, task: "regression", metric: "r2", positiveClass: null },
      ...{ horizonMinutes: null, promotion: "configs/promotion.yaml", reads: ["arr_delay"] },
      families: [
        { name: "ridge", type: "ridge", params: {}, stage: 1, seed: 42, device: "cpu" },
        {
          ...{ name: "hist_gradient_boosting", type: "hist_gradient_boosting", params: {}, stage: 1 },
          ...{ seed: 42, device: "cpu" },
        },
      ],
    });
    expect(late).toMatchObject({ column: "late", sql: "arr_delay > 15", metric: "roc_auc", reads: ["arr_delay"] });
    expect(late?.families.map(({ name }) => name)).toEqual(["logistic_regression", "hist_gradient_boosting"]);
  });

  test("use the described families that support their task; `mlp` is stage 2 by default", () => {
    const [delay, late, own] = resolve(`targets:
  - { name: delay, column: arr_delay, task: regression }
  - { name: late, sql: arr_delay > 15, task: binary }
  - { name: own, column: dep_delay, task: regression, families: [extra_trees, net] }
families:
  ridge: {}
  net: { type: mlp }
  early: { type: mlp, stage: 1, seed: 7, params: { alpha: 1 } }
  mine: { type: "python:my.models:make", stage: 2 }
`);
    const names = (target: typeof delay) => target?.families.map(({ name, stage }) => `${name} ${stage}`);
    expect(names(delay)).toEqual(["ridge 1", "net 2", "early 1", "mine 2"]);
    expect(names(late)).toEqual(["net 2", "early 1", "mine 2"]);
    expect(names(own)).toEqual(["extra_trees 1", "net 2"]);
    expect(delay?.families[2]).toMatchObject({ type: "mlp", seed: 7, params: { alpha: 1 } });
  });

  test("look ahead by minutes, or by trading days of the project's own length", () => {
    const targets = `targets:
  - { name: a, column: arr_delay, task: regression, horizon_minutes: 90 }
  - { name: b, column: dep_delay, task: regression, horizon_days: 2 }
`;
    expect(resolve(`trading_day_minutes: 390\n${targets}`).map((it) => it.horizonMinutes)).toEqual([90, 780]);
  });

  test("are needed: a project without any is refused with what to add", () => {
    expect(() => resolve("")).toThrow(
      expect.objectContaining({ code: "routing/no-targets", hint: expect.stringContaining("targets: [{name") }),
    );
  });
});

const one = (text: string) => `targets:\n  - { name: late, ${text} }\n`;

describe("a contradiction is an error at its place that says what is allowed", () => {
  test.each([
    ["neither column nor sql", one("task: binary"), "late", "`late` needs exactly one of `column` and `sql`"],
    [
      "both column and sql",
      one("column: arr_delay, sql: arr_delay > 1, task: binary"),
      "late",
      "`late` needs exactly one of `column` and `sql`",
    ],
    [
      "a column that isn't there",
      one("column: arr_delya, task: regression"),
      "arr_delya",
      "the column `arr_delya` isn't in configs/data_contracts/v1.yaml — did you mean `arr_delay`?",
    ],
    ["a column of the key", one("column: day, task: regression"), "late", "`day` is part of the primary key"],
    [
      "a metric of another task",
      one("column: arr_delay, task: regression, metric: roc_auc"),
      "roc_auc",
      "`roc_auc` doesn't score regression",
    ],
    [
      "two horizons",
      one("column: arr_delay, task: regression, horizon_minutes: 5, horizon_days: 1"),
      "horizon_days",
      "the horizon is given twice",
    ],
    [
      "a family that nobody knows",
      one("column: arr_delay, task: regression, families: [rigde]"),
      "rigde",
      "`rigde` is neither in `families` nor a model type — did you mean `ridge`?",
    ],
    [
      "a family that doesn't support the task",
      one("column: arr_delay, task: regression, families: [logistic_regression]"),
      "logistic_regression",
      "`logistic_regression` (logistic_regression) doesn't support regression",
    ],
    [
      "a segment column that isn't there",
      `segments: { column: carier }\n${one("column: arr_delay, task: regression")}`,
      "carier",
      "the column `carier` isn't in configs/data_contracts/v1.yaml — did you mean `carrier`?",
    ],
    [
      "a computed target with a column's name",
      "targets:\n  - { name: carrier, sql: arr_delay > 1, task: binary }\n",
      "name: carrier",
      "`carrier` is a column of the table and can't name a computed target",
    ],
    [
      "a computed target with a column's name in another case, which SQL doesn't tell apart",
      "targets:\n  - { name: Carrier, sql: arr_delay > 1, task: binary }\n",
      "name: Carrier",
      "`Carrier` is a column of the table and can't name a computed target",
    ],
    [
      "a positive class of a number",
      one("column: arr_delay, task: regression, positive_class: 1"),
      "positive_class",
      "a regression has no classes",
    ],
    [
      "a family that is listed twice",
      one("column: arr_delay, task: regression, families: [ridge, ridge]"),
      "ridge, ridge",
      "`ridge` is listed twice",
    ],
    [
      "no family that does the task",
      `${one("sql: arr_delay > 1, task: binary")}families:\n  ridge: {}\n`,
      "late",
      "none of `families` does binary, which `late` needs",
    ],
    [
      "a name that is taken",
      "targets:\n  - { name: a, column: arr_delay, task: regression }\n  - { name: a, column: dep_delay, task: regression }\n",
      "dep_delay",
      "the target `a` is listed twice",
    ],
  ])("%s", (_, yaml, at, message) => {
    const error = failure(yaml);
    expect(error.code).toBe("configs/inconsistent");
    expect(error.message).toBe(`signalbox.yaml:${lineOf(yaml, at)}:${String(error.details?.column)}: ${message}`);
    expect(error.hint).not.toBe("");
  });

  test("a family of unknown type: the type at its place, or the name used as one", () => {
    const target = one("column: arr_delay, task: regression");
    const named = failure(`${target}families:\n  hist_gradient_bosting: {}\n`);
    expect(named).toMatchObject({ code: "configs/invalid-value", hint: expect.stringContaining("python:<module>") });
    expect(named.message).toContain("did you mean `hist_gradient_boosting`?");
    const typed = failure(`${target}families:\n  mine: { type: forest }\n`);
    expect(typed.message).toContain("`forest` isn't a model type");
    expect(typed.details).toMatchObject({ key: "type" });
    expect(failure(`${target}families:\n  mine: { type: "python:no-factory" }\n`).code).toBe("configs/invalid-value");
  });

  test("all of them are reported at once, each with its place", () => {
    const error = failure(`segments: { column: nowhere }
targets:
  - { name: a, column: nowhere, task: regression, metric: roc_auc }
  - { name: a, task: binary, families: [ridge] }
`);
    expect(error.message.split("\n")[0]).toBe("6 problems:");
    expect(
      error.message
        .split("\n")
        .slice(1)
        .every((line) => line.startsWith("signalbox.yaml:")),
    ).toBe(true);
  });

  test("a key or value that the schema doesn't know names the allowed", () => {
    const metric = failure(one("column: arr_delay, task: regression, metric: rmse"));
    expect(metric.details).toMatchObject({ allowed: ["r2", "roc_auc"] });
    expect(failure(one("colum: arr_delay, task: regression")).message).toContain("did you mean `column`");
    expect(failure(one("column: arr_delay, task: multiclass")).details).toMatchObject({
      allowed: ["regression", "binary"],
    });
    expect(failure(one("column: arr_delay, task: regression, horizon_minutes: 0")).code).toBe("configs/invalid-value");
  });
});
