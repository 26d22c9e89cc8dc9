import { describe, expect, it } from "vitest";
import { policy } from "../../../../test/support/routing-candidates.ts";
import { routeSchema } from "../../../contract/routing/routes.ts";
import { signalSchema } from "../../../contract/routing/routing-plans.ts";
import { combinationsOf, combinedRoute, isEnabled } from "./combine.ts";

/** As the documentation's table: rows are the pooled view's signal, columns the segment's. */
const table = `
             STRONG           WEAK_BUT_OK      EXPERIMENTAL       DISALLOWED
STRONG       both             both             CROSS_SECTIONAL    CROSS_SECTIONAL
WEAK_BUT_OK  both             both             CROSS_SECTIONAL    CROSS_SECTIONAL
EXPERIMENTAL SYMBOL_SPECIFIC  SYMBOL_SPECIFIC  EXPERIMENTAL_ONLY  EXPERIMENTAL_ONLY
DISALLOWED   SYMBOL_SPECIFIC  SYMBOL_SPECIFIC  EXPERIMENTAL_ONLY  BLOCKED
`;
const [head = "", ...lines] = table.trim().split("\n");
const symbols = head.trim().split(/\s+/);
const cells = lines.flatMap((line) => {
  const [pooled = "", ...routes] = line.trim().split(/\s+/);
  return routes.map((route, at) => [pooled, symbols[at] ?? "", route] as const);
});

describe("the combination table", () => {
  it("has a cell for every pair of signals", () => {
    expect(cells).toHaveLength(signalSchema.options.length ** 2);
  });

  it.each([
    ["ROUTE_BOTH", "ROUTE_BOTH"],
    ["PREFER_CS", "ROUTE_CROSS_SECTIONAL"],
    ["PREFER_SYMBOL", "ROUTE_SYMBOL_SPECIFIC"],
  ] as const)("is the documented one under %s", (behaviour, both) => {
    for (const [pooled, symbol, route] of cells) {
      const expected = route === "both" ? both : `ROUTE_${route}`;
      const found = combinedRoute(signalSchema.parse(pooled), signalSchema.parse(symbol), behaviour);
      expect(`${pooled} ${symbol} ${found}`).toBe(`${pooled} ${symbol} ${expected}`);
    }
  });

  it("gives every route", () => {
    const routes = signalSchema.options.flatMap((pooled) =>
      signalSchema.options.map((symbol) => combinedRoute(pooled, symbol, "ROUTE_BOTH")),
    );
    expect([...new Set(routes)].sort()).toEqual([...routeSchema.options].sort());
  });

  it("traces both signals, and the preference if it decided", () => {
    const combination = combinationsOf(policy({ both_strong_behavior: "PREFER_CS" }));
    expect(combination("STRONG", "WEAK_BUT_OK").step).toEqual({
      view: "combination",
      rule: "table",
      value: "STRONG × WEAK_BUT_OK",
      threshold: "PREFER_CS",
      policy_key: "both_strong_behavior",
      source: "signals:cross_sectional × symbol",
      outcome: "ROUTE_CROSS_SECTIONAL",
    });
    expect(combination("DISALLOWED", "STRONG").step).toMatchObject({ threshold: null, policy_key: null });
  });

  it("enables a pooled model for a view that is good enough, not for an experiment", () => {
    expect(signalSchema.options.filter(isEnabled)).toEqual(["STRONG", "WEAK_BUT_OK"]);
  });
});
