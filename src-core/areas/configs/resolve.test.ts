import { rmSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { plainFiles, plainProject } from "../../../test/support/plain-project.ts";
import { AppError } from "../../contract/errors.ts";
import type { VersionOverrides } from "./overrides.ts";
import { loadProject } from "./project.ts";
import { resolveConfigs } from "./resolve.ts";

const contract = "configs/data_contracts/v1.yaml";
const split = "configs/splits/v1.yaml";
const feature = "configs/features/v1.yaml";
const model = "configs/models/v1.yaml";
const promotion = "configs/promotion.yaml";
const active = "configs/active.yaml";

function resolve(replaced: Readonly<Record<string, string>> = {}, overrides: VersionOverrides = {}) {
  const root = plainProject(replaced);
  try {
    return resolveConfigs({ project: loadProject(root), overrides });
  } finally {
    rmSync(root, { recursive: true });
  }
}

function failure(replaced: Readonly<Record<string, string>>, overrides: VersionOverrides = {}): AppError {
  try {
    resolve(replaced, overrides);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** The plain file with one string replaced, which must occur in it. */
function edited(file: string, from: string, to: string): Readonly<Record<string, string>> {
  const text = plainFiles[file] ?? "";
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  return { [file]: text.replace(from, to) };
}

describe("resolving versions", () => {
  it("takes the active defaults and gives each file with its digest", () => {
    const configs = resolve();
    expect(configs.split).toMatchObject({ kind: "split", version: 1, path: split });
    expect(configs.split.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(configs.split.value.optional_tests).toHaveLength(2);
    expect(configs.promotion.value.alpha).toBe(0.05);
  });

  it("prefers a runtime value, and 0 is a version", () => {
    const files = { "configs/models/v0.yaml": "version: 1\nmodel: { type: linear_regression }\n" };
    expect(resolve(files, { model_version: 0 }).model).toMatchObject({ version: 0, path: "configs/models/v0.yaml" });
  });

  it("names the versions that exist if the requested one doesn't", () => {
    const error = failure({ "configs/splits/v3.yaml": plainFiles[split] ?? "" }, { split_version: 2 });
    expect(error.code).toBe("configs/version-not-found");
    expect(error.message).toContain("existing: 1, 3");
    const fromActive = failure(edited(active, "split_version: 1", "split_version: 7"));
    expect(fromActive.message).toContain("configs/active.yaml:2:16");
  });

  it("doesn't accept v01.yaml as version 1", () => {
    const error = failure({ "configs/models/v02.yaml": plainFiles[model] ?? "" }, { model_version: 2 });
    expect(error.code).toBe("configs/version-not-found");
  });

  it("refuses an existing version that isn't in its allowed list", () => {
    const error = failure({ [active]: `${plainFiles[active]}allowed: { split: [2, 3], model: [1] }\n` });
    expect(error.code).toBe("configs/version-not-allowed");
    expect(error.message).toContain("configs/active.yaml:6:19");
    expect(error.message).toContain("allowed: 2, 3");
  });
});

describe("a file that its schema refuses", () => {
  it("names an unknown key with its place, the nearest key and the allowed ones", () => {
    const error = failure(edited(split, "test_basis_points", "test_basis_point"));
    expect(error.code).toBe("configs/unknown-key");
    expect(error.message).toContain(
      "configs/splits/v1.yaml:5:1: unknown key `test_basis_point` — did you mean `test_basis_points`?",
    );
    expect(error.message).toContain("the key `test_basis_points` is missing");
    expect(error.details).toMatchObject({
      file: split,
      line: 5,
      column: 1,
      key: "test_basis_point",
      nearest: "test_basis_points",
    });
    expect(error.hint).toContain("group, test_basis_points");
    expect(error.hint).not.toContain("closed_period");
  });

  it("names an unknown key deep inside an alternative of a list", () => {
    const error = failure(edited(split, "durations: [14d]", "duration: [14d]"));
    expect(error.message).toContain(
      "configs/splits/v1.yaml:7:51: unknown key `duration` in `optional_tests[0].moving_period` — did you mean `durations`?",
    );
  });

  it("names a wrong value with what is expected and the nearest one", () => {
    const error = failure(edited(split, "group_hash", "grouphash"));
    expect(error.code).toBe("configs/invalid-value");
    expect(error.message).toContain(
      'configs/splits/v1.yaml:2:11: `strategy` is "grouphash"; expected one of geographic, group_hash',
    );
    expect(error.message).toContain("did you mean `group_hash`?");
  });

  it("reports the alternatives of a value together", () => {
    const error = failure(edited(feature, "impute: median", "impute: medain"));
    expect(error.message).toContain(
      '`numeric[0].impute` is "medain"; expected one of mean, median, most_frequent, or a mapping with constant — did you mean `median`?',
    );
  });

  it("says which schema versions are known", () => {
    const error = failure(edited(model, "version: 1", "version: 2"));
    expect(error.code).toBe("configs/unknown-schema-version");
    expect(error.message).toContain("configs/models/v1.yaml:1:10: `version: 2`");
    expect(error.message).toContain("known: 1");
  });

  it("lists every problem of the file", () => {
    const error = failure({ [model]: "version: 1\nmodle: { type: ridge }\nseed: -1\n" });
    expect(error.message).toMatch(/^3 problems:/);
    expect(error.message).toContain("configs/models/v1.yaml:2:1: unknown key `modle` — did you mean `model`?");
    expect(error.message).toContain("configs/models/v1.yaml:3:7: `seed` is -1; expected at least 0");
    expect(error.details).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ path: "seed", line: 3 })]),
    });
  });

  it("refuses an empty and a missing file by name", () => {
    expect(failure({ [promotion]: "# nothing\n" }).message).toContain("configs/promotion.yaml:1:1: the file is empty");
    const root = plainProject();
    rmSync(path.join(root, promotion));
    expect(() => resolveConfigs({ project: loadProject(root) })).toThrow(/configs\/promotion.yaml doesn't exist/);
  });

  it("suggests quotes if a number is where a string should be", () => {
    const error = failure(edited(contract, "target: sales", "target: 2013"));
    expect(error.message).toContain("`target` is 2013; expected a string");
    expect(error.hint).toContain('"2013"');
  });
});

describe("files that contradict each other", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    [
      "another target than the project's",
      edited("signalbox.yaml", "target: sales", "target: area"),
      "configs/data_contracts/v1.yaml:3:9: the target is `sales`, but signalbox.yaml says `area`",
    ],
    [
      "a nullable target",
      edited(contract, "sales: { type: float, non_nullable: true }", "sales: { type: float }"),
      "configs/data_contracts/v1.yaml:11:10: the target `sales` is nullable",
    ],
    [
      "a target in the key",
      edited(contract, "[shop, day]", "[shop, sales]"),
      "configs/data_contracts/v1.yaml:2:14: the target `sales` is part of the key",
    ],
    [
      "a key column that is not declared",
      edited(contract, "[shop, day]", "[shop, dya]"),
      "2:21: the column `dya` isn't in configs/data_contracts/v1.yaml — did you mean `day`?",
    ],
    [
      "the target in a digest",
      edited(contract, "[shop, day]", "{ digest_of: [shop, sales] }"),
      "the target `sales` is part of the key",
    ],
    [
      "a digest of a column that is not declared",
      edited(contract, "[shop, day]", "{ digest_of: [shop, dya] }"),
      "the column `dya` isn't in configs/data_contracts/v1.yaml — did you mean `day`?",
    ],
    [
      "a digest of a row counter",
      {
        [contract]: (plainFiles[contract] ?? "")
          .replace("[shop, day]", "{ digest_of: [shop, area] }")
          .replace("area: { type: float", "area: { row_counter: true, type: float"),
      },
      "`area` is a row counter: in another order of the table",
    ],
    [
      "a digest of a list",
      {
        [contract]: (plainFiles[contract] ?? "")
          .replace("[shop, day]", "{ digest_of: [shop, tags] }")
          .replace("columns:\n", "columns:\n  tags: { type: list }\n"),
      },
      "`tags` is a list, which has no text form",
    ],
    [
      "a column called like one of a digest's own",
      {
        [contract]: (plainFiles[contract] ?? "")
          .replace("[shop, day]", "{ digest_of: [shop, day] }")
          .replace("columns:\n", "columns:\n  signalbox_digest: { type: string }\n"),
      },
      "`signalbox_digest` is the name of a column that a key by digest adds",
    ],
    [
      "a row counter as a feature",
      edited(contract, "area: { type: float", "area: { row_counter: true, type: float"),
      "configs/features/v1.yaml:3:17: `area` is a row counter",
    ],
    [
      "the digest as a feature",
      {
        [contract]: (plainFiles[contract] ?? "").replace("[shop, day]", "{ digest_of: [shop, day] }"),
        [feature]: (plainFiles[feature] ?? "").replace("[area, staff]", "[area, signalbox_digest]"),
      },
      "the column `signalbox_digest` isn't in configs/data_contracts/v1.yaml",
    ],
    ["a float key", edited(contract, "[shop, day]", "[area]"), "`area` is a float; a key column is"],
    [
      "a text as a regression target",
      edited(contract, "sales: { type: float", "sales: { type: string"),
      "11:18: the target is a string, but the task is regression",
    ],
    [
      "bounds the wrong way round",
      edited(contract, "area: { type: float", "area: { type: float, min: 5, max: 1"),
      "`min` 5 is above `max` 1",
    ],
    [
      "a missing string that is also allowed",
      edited(contract, "[north, south]", "[north, south], missing: [south]"),
      '"south" is also one of `allowed_values`',
    ],
    [
      "a missing string with spaces around it",
      edited(contract, "[north, south]", '[north, south], missing: ["NA "]'),
      '"NA " has spaces around it',
    ],
    ["an allowed value of another type", edited(contract, "[north, south]", "[north, 2]"), "9:51: 2 is no string"],
    [
      "the target as a feature",
      edited(feature, "[area, staff]", "[area, sales]"),
      "configs/features/v1.yaml:3:23: the target `sales` can't be a feature",
    ],
    [
      "a feature that isn't in the contract",
      edited(feature, "staff]", "staf]"),
      "3:23: the column `staf` isn't in configs/data_contracts/v1.yaml — did you mean `staff`?",
    ],
    [
      "a nullable feature without an imputer",
      edited(feature, "[area, staff], impute: median", "[area, staff]"),
      "3:17: `area` is nullable and has no imputer",
    ],
    [
      "a text among the numbers",
      edited(feature, "[area, staff]", "[area, region]"),
      "3:23: `region` is a string; `numeric` takes int, float, bool",
    ],
    [
      "an ordinal without its order",
      edited(feature, "encode: onehot", "encode: ordinal"),
      "`ordinal` has no order for `region`",
    ],
    ["a feature listed twice", edited(feature, "[area, staff]", "[area, area]"), "`area` is listed twice"],
    [
      "a group that is not a column",
      edited(split, "group: [shop]", "group: [store]"),
      "configs/splits/v1.yaml:4:9: the column `store` isn't in",
    ],
    [
      "a nullable group",
      edited(split, "group: [shop]", "group: [region]"),
      "4:9: `region` is nullable, and a row without it belongs to no side",
    ],
    [
      "a period over something that is no time",
      edited(split, "column: day", "column: sales"),
      "7:46: `sales` is a float, but a time is needed here",
    ],
    [
      "a decision within a year",
      edited(split, "version: 1\n", "version: 1\ndecision_time: staff\n"),
      "2:16: `staff` is an int, but a time is needed here",
    ],
    [
      "two optional tests of one name",
      edited(split, "name: by_region", "name: recent"),
      "8:13: the name `recent` is used twice",
    ],
    [
      "a model without its seed",
      edited(model, "seed: 42\n", ""),
      "configs/models/v1.yaml:1:1: `hist_gradient_boosting` draws random numbers, and `seed` is missing",
    ],
    ["a seed among the params", edited(model, "max_iter: 50", "random_state: 1"), "`random_state` is among the params"],
    [
      "a model of another task",
      edited(model, "hist_gradient_boosting", "logistic_regression"),
      "2:16: `logistic_regression` doesn't support regression",
    ],
    [
      "a metric of another task",
      edited(promotion, "reference_rmse", "reference_roc_auc"),
      "configs/promotion.yaml:2:20: `roc_auc` is no metric of regression",
    ],
    [
      "a primary metric that is not the reference's",
      edited(promotion, "reference_rmse", "recent_rmse"),
      "the primary metric `recent_rmse` is not one of the reference test",
    ],
    [
      "a gate on a test that the split doesn't have",
      edited(promotion, "recent_mae", "lately_mae"),
      "5:15: `lately_mae` is measured by no test",
    ],
    [
      "a primary metric that no row carries",
      edited(promotion, "metric: reference_rmse", "metric: latency_p50_ms"),
      "the primary metric `latency_p50_ms` is not one of the reference test",
    ],
    [
      "superiority with a margin",
      edited(promotion, "goal: superiority", "goal: superiority, margin: 1"),
      "superiority takes no `margin`",
    ],
    [
      "a gate without a bound",
      edited(promotion, "recent_mae, max_relative_regression: 0.02", "recent_mae"),
      "the gate on `recent_mae` has no bound",
    ],
    [
      "non-inferiority without a margin",
      edited(promotion, "goal: superiority", "goal: non_inferiority"),
      "non-inferiority has no `margin`",
    ],
  ];

  it.each(cases)("are refused, with the place: %s", (_, files, message) => {
    const error = failure(files);
    expect(error.code).toBe("configs/inconsistent");
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
    expect(error.details).toMatchObject({
      file: expect.any(String),
      line: expect.any(Number),
      column: expect.any(Number),
    });
  });

  it("don't prevent a gate on a figure of the model itself", () => {
    const files = edited(promotion, "gates:", "gates:\n  - { metric: latency_p50_ms, threshold: 20 }");
    expect(resolve(files).promotion.value.gates[0]?.metric).toBe("latency_p50_ms");
  });

  it("stop with splits/leakage if a feature is known only after the decision", () => {
    const error = failure(edited(feature, "[area, staff]", "[area, returns]"));
    expect(error.code).toBe("splits/leakage");
    expect(error.message).toContain("configs/features/v1.yaml:3:23: `returns` is known only after the decision");
  });

  it("name a parameter that the model doesn't have, or a value that it doesn't take", () => {
    for (const [params, message] of [
      ["max_itre: 50", "`hist_gradient_boosting` has no parameter `max_itre` — did you mean `max_iter`?"],
      ["max_iter: many", '`max_iter` is "many", which'],
    ] as const) {
      const error = failure(edited(model, "max_iter: 50", params));
      expect(error.code).toBe("configs/invalid-value");
      expect(error.message).toContain(message);
    }
  });

  it("name an unknown model type and the nearest one", () => {
    const error = failure(edited(model, "hist_gradient_boosting", "hist_gradient_bosting"));
    expect(error.code).toBe("configs/invalid-value");
    expect(error.message).toContain("did you mean `hist_gradient_boosting`?");
  });
});
