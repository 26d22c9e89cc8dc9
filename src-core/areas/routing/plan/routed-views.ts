import type { Signal } from "../../../contract/routing/routing-plans.ts";
import { remembered } from "../../../foundation/text/remembered.ts";
import { isEnabled } from "../decide/combine.ts";
import type { SegmentDecision, TargetDecision } from "../decide/route.ts";
import type { RoutedView } from "./view-jobs.ts";

/** Larger ones run first. */
const priorities = { both: 3, single: 2, experiment: 1 } as const;

/** The pooled model, if it serves some segment; or as an experiment, if nothing else is left to try. */
export function pooledView({ target, crossSectional, segments }: TargetDecision): RoutedView | null {
  const served = segments.filter(({ route }) => route === "ROUTE_CROSS_SECTIONAL" || route === "ROUTE_BOTH");
  const { signal, reason, step } = crossSectional;
  const view = { target, symbol: null, decision: crossSectional, after: null, trace: [step] };
  if (served.length > 0 || (segments.length === 0 && isEnabled(signal))) {
    const isBoth = served.length > 0 && served.every(({ route }) => route === "ROUTE_BOTH");
    const serves = `Serves ${segments.length === 0 ? "all rows" : `${served.length} of ${segments.length} segments`}`;
    return {
      ...view,
      route: isBoth ? "ROUTE_BOTH" : "ROUTE_CROSS_SECTIONAL",
      priority: priorities.single,
      isExperiment: false,
      reason: `${serves}; cross-sectional is ${signal}: ${reason}.`,
    };
  }
  const isLeft = segments.length === 0 ? signal === "EXPERIMENTAL" : segments.some(isPooledExperiment);
  if (!isLeft) return null;
  return {
    ...view,
    route: "ROUTE_EXPERIMENTAL_ONLY",
    priority: priorities.experiment,
    isExperiment: true,
    reason: `An experiment; cross-sectional is ${signal}: ${reason}.`,
  };
}

/** Routed to an experiment that its own signal doesn't justify: the cross-sectional one does. */
function isPooledExperiment({ route, view }: SegmentDecision): boolean {
  return route === "ROUTE_EXPERIMENTAL_ONLY" && view.signal !== "EXPERIMENTAL";
}

interface Treatment {
  readonly priority: number;
  readonly isExperiment: boolean;
  /** How the reason begins. */
  readonly opening: (symbol: Signal) => string;
}

// Openings and endings are built once: a plan has a reason for each of a million segments.
const openings = (kind: string) => remembered((symbol: Signal) => `${kind}: symbol is ${symbol} (`);
const ending = remembered((crossSectional: Signal) => `), cross-sectional ${crossSectional}.`);

const own: Treatment = { priority: priorities.single, isExperiment: false, opening: openings("A model of its own") };
const beside: Treatment = {
  priority: priorities.both,
  isExperiment: false,
  opening: openings("Beside the cross-sectional model"),
};
const experiment: Treatment = {
  priority: priorities.experiment,
  isExperiment: true,
  opening: openings("An experiment"),
};

function treatmentOf(segment: SegmentDecision): Treatment | null {
  switch (segment.route) {
    case "ROUTE_SYMBOL_SPECIFIC":
      return own;
    case "ROUTE_BOTH":
      return beside;
    case "ROUTE_EXPERIMENTAL_ONLY":
      return isPooledExperiment(segment) ? null : experiment;
    case "ROUTE_CROSS_SECTIONAL":
    case "ROUTE_BLOCKED":
      return null;
    default:
      return segment.route satisfies never;
  }
}

/** A model of the segment's own, after the pooled one (`parent`) if both are trained; null if its route has none. */
export function segmentView(
  { target, crossSectional }: TargetDecision,
  segment: SegmentDecision,
  parent: string | null,
): RoutedView | null {
  const treatment = treatmentOf(segment);
  if (treatment === null) return null;
  const { symbol, route, view, combination } = segment;
  return {
    target,
    symbol,
    decision: view,
    route,
    priority: treatment.priority,
    isExperiment: treatment.isExperiment,
    after: route === "ROUTE_BOTH" ? parent : null,
    reason: treatment.opening(view.signal) + view.reason + ending(crossSectional.signal),
    trace: [crossSectional.step, view.step, combination],
  };
}
