import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { routingPlanSchema } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { routingPlanMarkdown } from "../plan/text/plan-markdown.ts";
import { routingPlanYaml } from "../plan/text/plan-yaml.ts";
import { anyRouting, decision, hostileNames, testSeed } from "../testing/plan-samples.ts";
import { buildRoutingPlan, routingPlanHash, routingPlanText } from "./routing-plan.ts";

const seed = testSeed("routing plans");
const metadata = {
  generated_at: "2025-01-01T00:00:00Z",
  git_commit: null,
  config_hash: "c".repeat(64),
  candidates_hash: "d".repeat(64),
  marks: ["dev_mode", "block_on_leakage: false"],
};
const planOf = (routing: Parameters<typeof buildRoutingPlan>[0]["routing"]) => buildRoutingPlan({ routing, metadata });

describe("a routing plan", () => {
  test("enables the cross-sectional model if its signal is good enough", () => {
    const routes = (["STRONG", "WEAK_BUT_OK", "EXPERIMENTAL", "DISALLOWED"] as const).map(
      (signal) => planOf([decision("t", signal)]).targets.t?.cross_sectional.route,
    );
    expect(routes).toEqual(["ENABLED", "ENABLED", "DISABLED", "DISABLED"]);
  });

  test("gives each segment's route, both signals and why", () => {
    const plan = planOf([decision("t", "STRONG", { UA: "WEAK_BUT_OK" })]);
    expect(plan.targets.t?.symbols.UA).toEqual({
      route: "ROUTE_BOTH",
      cs_signal: "STRONG",
      symbol_signal: "WEAK_BUT_OK",
      reason: [
        "cross-sectional: score 0.61, strong from 0.6",
        "symbol: score 0.61, strong from 0.6",
        "STRONG × WEAK_BUT_OK: ROUTE_BOTH (both_strong_behavior)",
      ],
    });
    expect(routingPlanSchema.parse(plan)).toEqual(plan);
  });

  test("is the same bytes whatever the order of targets and segments, in every form", () => {
    const property = fc.property(anyRouting, (routing) => {
      const turned = routing.map((one) => ({ ...one, segments: [...one.segments].reverse() })).reverse();
      const [plan, other] = [planOf(routing), planOf(turned)];
      expect(routingPlanText(other)).toBe(routingPlanText(plan));
      expect(routingPlanYaml(other)).toBe(routingPlanYaml(plan));
      expect(routingPlanMarkdown(other)).toBe(routingPlanMarkdown(plan));
    });
    fc.assert(property, { seed });
  });

  test("survives a round trip through JSON and YAML whatever its targets are named", () => {
    const property = fc.property(anyRouting, (routing) => {
      const plan = planOf(routing);
      expect(JSON.parse(routingPlanText(plan))).toEqual(plan);
      // A reader that keeps every key unchanged: the plain object of `yaml` would set a prototype.
      const targets = parse(routingPlanYaml(plan), { mapAsMap: true }).get("targets");
      const names = targets instanceof Map ? [...targets.keys()] : Object.keys(targets);
      expect(names).toEqual(Object.keys(plan.targets));
      const hasPrototype = routingPlanYaml(plan).includes("__proto__");
      if (!hasPrototype) expect(parse(routingPlanYaml(plan))).toEqual(plan);
    });
    fc.assert(property, { seed });
  });

  test("reads the same under YAML 1.1", () => {
    const names = hostileNames.filter((name) => name !== "__proto__");
    const plan = planOf(names.map((name) => decision(name, "STRONG", { [name]: "STRONG" })));
    expect(parse(routingPlanYaml(plan), { version: "1.1" })).toEqual(plan);
  });

  test("has a hash of everything but its time, its commit and its words", () => {
    const property = fc.property(anyRouting, (routing) => {
      const plan = planOf(routing);
      const later = { ...plan, metadata: { ...plan.metadata, generated_at: "later", git_commit: "abc" } };
      const { generated_at: _, git_commit: __, ...hashed } = plan.metadata;
      // JSON's own walk drops the reasons at every depth; canonical JSON sorts what remains.
      const wordless = JSON.stringify({ ...plan, metadata: hashed }, (key, value) =>
        key === "reason" ? undefined : value,
      );
      if (!routing.some(({ target, segments }) => [target, ...segments.map((one) => one.symbol)].includes("reason")))
        expect(routingPlanHash(plan)).toBe(sha256(canonicalJson(JSON.parse(wordless))));
      expect(routingPlanHash(later)).toBe(routingPlanHash(plan));
    });
    fc.assert(property, { seed });
  });
});

describe("the readable routing plan", () => {
  test("is a matrix of targets and segments with the reasons below", () => {
    const text = routingPlanMarkdown(
      planOf([
        decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" }),
        decision("gain", "DISALLOWED", { UA: "STRONG" }),
      ]),
    );
    expect(text).toContain("| target | cross-sectional | AA | UA |\n| --- | --- | --- | --- |");
    expect(text).toContain("| gain | DISABLED | – | SYMBOL |");
    expect(text).toContain("| late | ENABLED | BOTH | CS |");
    expect(text).toContain("### late");
    expect(text).toContain("Made under `dev_mode`");
  });

  test("keeps its tables whole whatever a target is named", () => {
    const text = routingPlanMarkdown(planOf([decision("a|b\nc`<i>", "STRONG", { "x|y": "STRONG" })]));
    expect(text).toContain("| a\\|b c\\`&lt;i> | ENABLED | BOTH |");
    for (const line of text.split("\n").filter((one) => one.startsWith("| a"))) {
      expect(line.replaceAll("\\|", "").split("|")).toHaveLength(5);
    }
  });
});
