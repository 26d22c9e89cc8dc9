import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import { modelGroups, modelTypes, needsSeed } from "./model-types.ts";

/** The trainer's registry, which can be read without any package. */
const program = `
import json
from signalbox_trainer.models.model_types import MODEL_TYPES
print(json.dumps({name: {"tasks": list(it.tasks()), "group": it.group,
  "seed": it.seed if isinstance(it.seed, str) else {key: list(values) for key, values in it.seed.items()}}
  for name, it in MODEL_TYPES.items()}))
`;

it("knows the model types of the trainer's registry, with the same tasks, seeds and package groups", () => {
  const registry: unknown = JSON.parse(
    execFileSync("python3", ["-B", "-c", program], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, PYTHONPATH: path.join(appRoot, "trainer") },
    }),
  );
  expect(modelTypes).toEqual(registry);
});

it("requires a seed if the parameters make the estimator draw random numbers", () => {
  const { ridge } = modelTypes;
  expect(ridge && needsSeed(ridge, {})).toBe(false);
  expect(ridge && needsSeed(ridge, { solver: "saga" })).toBe(true);
});

it("names the package group of a boosted-tree library, and none for a user's own factory", () => {
  expect(modelGroups("lightgbm")).toEqual(["lightgbm"]);
  expect(modelGroups("ridge")).toEqual([]);
  expect(modelGroups("python:my.models:make")).toEqual([]);
});
