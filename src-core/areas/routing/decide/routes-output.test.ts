import { describe, expect, test } from "vitest";
import { routesOutputSchema } from "../../../contract/routing/routing-output.ts";
import { decision } from "../testing/plan-samples.ts";
import { routesOutput } from "./routes-output.ts";
import { buildRoutingPlan } from "./routing-plan.ts";

const plan = buildRoutingPlan({
  routing: [
    decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" }),
    decision("delay", "DISALLOWED", { UA: "WEAK_BUT_OK" }),
  ],
  metadata: { generated_at: "then", git_commit: null, config_hash: "c", candidates_hash: "d", marks: ["dev_mode"] },
});
const file = "metrics/routing/routing_plan.json";

describe("a routing plan shown", () => {
  test("is a matrix of targets and segments, with how many of each route", () => {
    const output = routesOutput(plan, { file });
    expect(routesOutputSchema.parse(output)).toEqual(output);
    expect(output.targets.map(({ target, segments }) => [target, segments.map((it) => [it.symbol, it.route])])).toEqual(
      [
        ["delay", [["UA", "ROUTE_SYMBOL_SPECIFIC"]]],
        [
          "late",
          [
            ["AA", "ROUTE_BOTH"],
            ["UA", "ROUTE_CROSS_SECTIONAL"],
          ],
        ],
      ],
    );
    expect(output.counts).toEqual({
      ...{ ROUTE_BOTH: 1, ROUTE_CROSS_SECTIONAL: 1, ROUTE_SYMBOL_SPECIFIC: 1 },
      ...{ ROUTE_EXPERIMENTAL_ONLY: 0, ROUTE_BLOCKED: 0 },
    });
    expect(output).toMatchObject({ file, generatedAt: "then", marks: ["dev_mode"], badRows: [], notes: [] });
  });

  test("is only the requested part", () => {
    const { targets, counts } = routesOutput(plan, { file, target: "late", segment: "UA" });
    expect(targets.map(({ target, segments }) => [target, segments.length])).toEqual([["late", 1]]);
    expect(counts.ROUTE_CROSS_SECTIONAL).toBe(1);
    expect(routesOutput(plan, { file, segment: "AA" }).targets.flatMap(({ segments }) => segments)).toHaveLength(1);
  });

  test("suggests the nearest name for one that it doesn't have", () => {
    expect(() => routesOutput(plan, { file, target: "lat" })).toThrow(
      expect.objectContaining({
        code: "routing/not-found",
        message: "The routing plan has no target 'lat' — did you mean 'late'?",
        hint: "It has: delay, late.",
      }),
    );
    expect(() => routesOutput(plan, { file, segment: "ZZZZ" })).toThrow("no segment 'ZZZZ'");
  });
});
