import type { BothStrong } from "../../../contract/configs/routing-config.ts";
import type { Route } from "../../../contract/routing/routes.ts";
import type { Signal, TraceStep } from "../../../contract/routing/routing-plans.ts";
import type { RoutingPolicy } from "../policy/policy.ts";

const isGood = (signal: Signal) => signal === "STRONG" || signal === "WEAK_BUT_OK";

const routeWhereBothAreGood: Readonly<Record<BothStrong, Route>> = {
  ROUTE_BOTH: "ROUTE_BOTH",
  PREFER_CS: "ROUTE_CROSS_SECTIONAL",
  PREFER_SYMBOL: "ROUTE_SYMBOL_SPECIFIC",
};

/** A pooled model is trained for segments only if its view is good enough; an experiment with it is no alternative. */
export function isEnabled(crossSectional: Signal): boolean {
  return isGood(crossSectional);
}

/** The combination table, complete for the signals of both views. */
export function combinedRoute(crossSectional: Signal, symbol: Signal, bothStrong: BothStrong): Route {
  if (isGood(crossSectional)) return isGood(symbol) ? routeWhereBothAreGood[bothStrong] : "ROUTE_CROSS_SECTIONAL";
  if (isGood(symbol)) return "ROUTE_SYMBOL_SPECIFIC";
  const isExperiment = crossSectional === "EXPERIMENTAL" || symbol === "EXPERIMENTAL";
  return isExperiment ? "ROUTE_EXPERIMENTAL_ONLY" : "ROUTE_BLOCKED";
}

export interface Combination {
  readonly route: Route;
  readonly step: TraceStep;
}

export type CombinationOf = (crossSectional: Signal, symbol: Signal) => Combination;

/** The table under a policy. Its cells are made once and shared: a plan has as many segments as a table has rows. */
export function combinationsOf({ both_strong_behavior }: Pick<RoutingPolicy, "both_strong_behavior">): CombinationOf {
  const row = (crossSectional: Signal) => tableOf((symbol) => cellOf(crossSectional, symbol, both_strong_behavior));
  const rows = tableOf(row);
  return (crossSectional, symbol) => rows[crossSectional][symbol];
}

function tableOf<T>(cell: (signal: Signal) => T): Readonly<Record<Signal, T>> {
  return {
    STRONG: cell("STRONG"),
    WEAK_BUT_OK: cell("WEAK_BUT_OK"),
    EXPERIMENTAL: cell("EXPERIMENTAL"),
    DISALLOWED: cell("DISALLOWED"),
  };
}

function cellOf(crossSectional: Signal, symbol: Signal, bothStrong: BothStrong): Combination {
  const areBothGood = isGood(crossSectional) && isGood(symbol);
  const route = combinedRoute(crossSectional, symbol, bothStrong);
  return {
    route,
    step: {
      view: "combination",
      rule: "table",
      value: `${crossSectional} × ${symbol}`,
      threshold: areBothGood ? bothStrong : null,
      policy_key: areBothGood ? "both_strong_behavior" : null,
      source: "signals:cross_sectional × symbol",
      outcome: route,
    },
  };
}
