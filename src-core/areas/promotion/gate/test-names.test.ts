import { describe, expect, it } from "vitest";
import { promotionConfigSchema } from "../../../contract/configs/promotion-config.ts";
import { splitSchemaSchema } from "../../../contract/configs/split-schema.ts";
import { gateTestNames } from "./test-names.ts";

const split = splitSchemaSchema.parse({
  version: 1,
  rules: 2,
  strategy: "stratified_hash",
  salt: "s",
  test_basis_points: 2000,
  optional_tests: [
    { name: "recent", moving_period: { column: "t", durations: ["14d"] } },
    { name: "moving", moving_period: { column: "t", durations: ["7d", "28d"] } },
    { name: "large", filter: { sql: "amount > 10" } },
    { name: "by_shop", slice: { column: "shop" } },
  ],
});
const gate = (metrics: readonly string[]) =>
  promotionConfigSchema.parse({
    version: 1,
    primary: { metric: "reference_rmse", goal: "superiority" },
    gates: metrics.map((metric) => ({ metric, max_relative_regression: 0.1 })),
  });

describe("the tests a gate may speak of", () => {
  it("are those of the schema, one per duration if there are several", () => {
    expect(gateTestNames(split, gate([]))).toEqual(["recent", "moving_7d", "moving_28d", "large"]);
  });

  it("include those values of a slice that the gate names", () => {
    expect(gateTestNames(split, gate(["by_shop__north_roc_auc", "by_shop__north_mae"]))).toContain("by_shop__north");
    expect(gateTestNames(split, gate(["other__north_mae"]))).not.toContain("other__north");
  });
});
