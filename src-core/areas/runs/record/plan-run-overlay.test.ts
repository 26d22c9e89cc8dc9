import { describe, expect, test } from "vitest";
import { splitProject } from "../../../../test/support/split-project.ts";
import { featureSchemaSchema } from "../../../contract/configs/feature-schema.ts";
import { modelTypeOf, type PlanMember, type PlanRun, planRunSchema } from "../../../contract/routing/plan-run.ts";
import { modelGroups, partsOf } from "../../configs/check/model-types.ts";
import { configsOf, planParams, planTags, projectOf, readPlanSymbol, withFeatures } from "./plan-run-overlay.ts";

const { context } = splitProject({
  contract: {
    version: 1,
    rules: 2,
    primary_key: ["id"],
    target: "delay",
    columns: { id: { type: "int" }, delay: { type: "float", unit: "min" }, a: { type: "float" } },
  },
  split: { version: 1, rules: 2, strategy: "group_hash", salt: "s", group: ["day"], test_basis_points: 2_000 },
  feature: { version: 1, numeric: [{ columns: ["a", "b"] }] },
});
context.core.catalogue().close();

const plan: PlanRun = planRunSchema.parse({
  ...{ jobId: "j", planHash: "p", dataHash: "d", segment: { column: "carrier", value: "UA" }, marks: [] },
  target: { name: "delays", column: "delay", sql: null, task: "regression", positiveClass: null },
  ...{ route: "ROUTE_BOTH", trainingType: "symbol_specific", stage: 1, isExperiment: false },
  family: { name: "mine", type: "ridge", params: { alpha: 2 }, seed: 7 },
  competition: [
    { family: "mine", score: 0.123_46, note: null },
    { family: "trees", score: null, note: "one class" },
  ],
  ...{ features: ["a"], featureSetId: "f", promotion: "configs/promotion.yaml" },
  ...{ experiment: "tried.delays.UA", registeredModel: "tried.delays.UA", members: [], heldOut: null },
});
const late: PlanRun = {
  ...plan,
  target: { name: "late", column: "late", sql: "delay > 15", task: "binary", positiveClass: true },
};
const member = (modelType: string, role: PlanMember["role"] = "stage_1"): PlanMember => ({
  ...{ role, runId: `run of ${modelType}`, modelType, modelDigest: "m", modelDir: "d" },
});

describe("the project as a job of a plan sees it", () => {
  const { project } = context;

  test("is that of its target: task, column, experiment, model", () => {
    expect(projectOf(project, late)).toMatchObject({
      ...{ experiment: "tried.delays.UA", registeredModel: "tried.delays.UA" },
      config: { task: "binary", target: "late", positive_class: true, name: project.config.name },
    });
  });

  test("has no positive class but the target's own", () => {
    const own = { ...project, config: { ...project.config, positive_class: "yes" } };
    expect(projectOf(own, plan).config).not.toHaveProperty("positive_class");
  });
});

describe("the configurations of a job", () => {
  test("name its target, keep its features and fit the family that won", () => {
    const configs = configsOf(context.configs, plan);
    expect(configs.dataContract.value).toMatchObject({
      target: "delay",
      columns: { delay: { type: "float", unit: "min", non_nullable: true }, a: { type: "float", non_nullable: false } },
    });
    expect(configs.feature.value.numeric).toEqual([{ columns: ["a"] }]);
    expect(configs.model.value).toEqual({ version: 1, model: { type: "ridge", params: { alpha: 2 } }, seed: 7 });
  });

  test("keep versions and digests of the files, which are frozen", () => {
    const configs = configsOf(context.configs, plan);
    for (const kind of ["dataContract", "split", "feature", "model"] as const)
      expect(configs[kind].digest).toBe(context.configs[kind].digest);
  });

  test("give a computed target a column that is known only afterwards", () => {
    const { columns } = configsOf(context.configs, late).dataContract.value;
    expect(columns.late).toEqual({ type: "bool", known: "after", non_nullable: true });
  });

  test("of an ensemble have its type and no seed", () => {
    const members = [member("ridge", "cross_sectional"), member("mlp", "symbol_specific")];
    const { value } = configsOf(context.configs, { ...plan, family: null, members }).model;
    expect(value).toEqual({ version: 1, model: { type: "ensemble(ridge,mlp)", params: {} } });
  });
});

describe("a feature schema with fewer columns", () => {
  test("loses the blocks and orders that have none left", () => {
    const schema = featureSchemaSchema.parse({
      version: 1,
      numeric: [{ columns: ["a", "b"] }, { columns: ["c"] }],
      categorical: [{ columns: ["d", "e"], encode: "ordinal", order: { d: ["x"], e: ["y"] } }],
    });
    const kept = withFeatures(schema, new Set(["b", "e"]));
    expect(kept.numeric).toEqual([{ columns: ["b"] }]);
    expect(kept.categorical).toMatchObject([{ columns: ["e"], order: { e: ["y"] } }]);
    expect(kept.categorical[0]?.order).not.toHaveProperty("d");
    expect(withFeatures(schema, new Set()).numeric).toEqual([]);
  });
});

describe("the job of a run in MLflow", () => {
  test("is tagged: plan, job, target, segment and family", () => {
    expect(planTags(plan)).toEqual({
      ...{ plan_hash: "p", job_id: "j", target: "delays", symbol: "UA", family: "mine", route: "ROUTE_BOTH" },
      ...{ training_type: "symbol_specific", stage: "1", feature_set_id: "f" },
    });
    expect(planTags({ ...plan, segment: null, family: null })).toMatchObject({ symbol: "", family: "ensemble" });
    expect(planTags({ ...plan, isExperiment: true })).toMatchObject({ experiment_only: "true" });
    expect(Object.values(planTags({ ...plan, marks: ["dev_mode"] }))).toContain("dev_mode");
  });

  test("names in its parameters who competed, how, and of which models it is made", () => {
    expect(planParams(plan)).toMatchObject({
      ...{ plan_symbol: "UA", competition: "mine=0.1235 trees=failed", feature_set_id: "f" },
    });
    expect(planParams(plan)).not.toHaveProperty("members");
    const stacked = planParams({ ...late, segment: null, competition: [], members: [member("ridge")] });
    expect(stacked).toMatchObject({
      target_sql: "delay > 15",
      members: "run of ridge",
      plan_symbol: "CROSS_SECTIONAL",
    });
    expect(stacked).not.toHaveProperty("competition");
  });

  test("keeps the pooled view apart from a segment of any name", () => {
    const values = [null, "", " ", "CS", "CROSS_SECTIONAL", "UA"];
    const plans = values.map((value) => ({ ...plan, segment: value === null ? null : { column: "c", value } }));
    expect(plans.map((it) => readPlanSymbol(planParams(it).plan_symbol))).toEqual(values);
    expect(new Set(plans.map((it) => planTags(it).symbol)).size).toBe(values.length);
  });
});

describe("the type of a composite model", () => {
  test("names its parts, even nested ones, which can be parsed again", () => {
    const stacked = modelTypeOf({
      ...plan,
      members: [member("ridge")],
      family: { ...late.family, type: "mlp" } as never,
    });
    expect(stacked).toBe("stacked(ridge,mlp)");
    const ensemble = modelTypeOf({
      ...plan,
      family: null,
      members: [member("lightgbm", "cross_sectional"), member(stacked, "symbol_specific")],
    });
    expect(ensemble).toBe("ensemble(lightgbm,stacked(ridge,mlp))");
    expect(modelTypeOf(plan)).toBe("ridge");
    expect(partsOf(ensemble)).toEqual(["lightgbm", "ridge", "mlp"]);
    expect(partsOf("ensemble(python:my.models:make,ridge)")).toEqual(["python:my.models:make", "ridge"]);
    expect(partsOf("python:stacked.models:make")).toEqual(["python:stacked.models:make"]);
  });

  test("needs the packages of every part, each once", () => {
    expect(modelGroups("ensemble(xgboost,stacked(lightgbm,xgboost))")).toEqual(["lightgbm", "xgboost"]);
    expect(modelGroups("stacked(ridge,mlp)")).toEqual([]);
    expect(modelGroups("constructor")).toEqual([]);
  });
});
