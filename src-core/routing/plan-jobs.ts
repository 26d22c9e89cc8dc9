import type { ViewEvidence } from "../contract/routing-evidence.ts";
import type { PlanJob, Route, TrainingPlan } from "../contract/routing-plans.ts";
import { isEnabled } from "./combine.ts";
import type { SegmentDecision, TargetDecision, ViewDecision } from "./route.ts";
import { ensembleJob, obstacle, type PlanFamily, type RoutedView, type ViewFacts, viewJobs } from "./view-jobs.ts";
import { viewKey } from "./view-key.ts";

/** Larger runs first. */
const priorities = { both: 3, single: 2, experiment: 1 } as const;

type Skipped = TrainingPlan["skipped"][number];
type Sides = ViewFacts["sides"];

export interface Known {
  readonly evidence: ReadonlyMap<string, ViewEvidence>;
  readonly sides: ReadonlyMap<string, NonNullable<Sides>>;
}

interface TargetJobs {
  readonly jobs: readonly PlanJob[];
  readonly skipped: readonly Skipped[];
}

/** A target's jobs, the cross-sectional first, then segment by segment; what can't be trained is skipped with its reason. */
export function targetJobs(decision: TargetDecision, families: readonly PlanFamily[], known: Known): TargetJobs {
  const jobs: PlanJob[] = [];
  const skipped: Skipped[] = [];
  const stageOne: string[] = [];
  const factsOf = (symbol: string | null): ViewFacts => {
    const key = viewKey(decision.target, symbol);
    return { evidence: known.evidence.get(key), sides: known.sides.get(key) };
  };
  /** The id of the view's first job; null where it is skipped. */
  const emit = (view: RoutedView): string | null => {
    const facts = factsOf(view.symbol);
    const reason = obstacle(families, facts);
    if (reason !== null) {
      skipped.push({ target: view.target, symbol: view.symbol, reason });
      return null;
    }
    const own = viewJobs({ view, families, facts, stageOne });
    jobs.push(...own);
    return own[0]?.job_id ?? null;
  };

  const pooled = pooledView(decision);
  const parent = pooled === null ? null : emit(pooled);
  for (const segment of decision.segments) {
    const view = segmentView(decision, segment, parent);
    if (view === null) continue;
    const own = emit(view);
    if (segment.route !== "ROUTE_BOTH" || own === null) continue;
    if (parent === null) {
      const reason = "no ensemble: there is no cross-sectional model to combine its own with";
      skipped.push({ target: view.target, symbol: view.symbol, reason });
    } else jobs.push(ensembleJob(view, factsOf(view.symbol), [parent, own]));
  }
  return { jobs: jobs.sort(withinTarget(decision)), skipped };
}

/** Cross-sectional first, then segments in their order; of one view stage 1, its ensemble, stage 2. */
function withinTarget({ segments }: TargetDecision): (a: PlanJob, b: PlanJob) => number {
  const order = new Map<string | null, number>(segments.map(({ symbol }, index) => [symbol, index + 1]));
  const rank = (job: PlanJob) =>
    (job.symbol === null ? 0 : (order.get(job.symbol) ?? 0)) * 4 +
    job.stage * 2 +
    (job.training_type === "ensemble" ? 1 : 0);
  return (a, b) => rank(a) - rank(b);
}

function why(name: string, { signal, reason }: ViewDecision): string {
  return `${name} is ${signal}: ${reason}`;
}

/** The pooled model, if some segment is served by it; or as an experiment, where it is all that is left to try. */
function pooledView({ target, crossSectional, segments }: TargetDecision): RoutedView | null {
  const served = segments.filter(({ route }) => route === "ROUTE_CROSS_SECTIONAL" || route === "ROUTE_BOTH");
  const reason = why("cross-sectional", crossSectional);
  const view = { target, symbol: null, decision: crossSectional, dependsOn: [], trace: [crossSectional.step] };
  if (served.length > 0 || (segments.length === 0 && isEnabled(crossSectional.signal))) {
    const isBoth = served.length > 0 && served.every(({ route }) => route === "ROUTE_BOTH");
    const serves = segments.length === 0 ? "" : `Serves ${served.length} of ${segments.length} segments; `;
    const route: Route = isBoth ? "ROUTE_BOTH" : "ROUTE_CROSS_SECTIONAL";
    return { ...view, route, priority: priorities.single, isExperiment: false, reason: sentence(serves + reason) };
  }
  const isLeft = segments.some(isPooledExperiment);
  if (!isLeft && !(segments.length === 0 && crossSectional.signal === "EXPERIMENTAL")) return null;
  return {
    ...view,
    route: "ROUTE_EXPERIMENTAL_ONLY",
    priority: priorities.experiment,
    isExperiment: true,
    reason: sentence(`An experiment; ${reason}`),
  };
}

/** Routed to an experiment that its own signal doesn't carry: the cross-sectional one does. */
function isPooledExperiment({ route, view }: SegmentDecision): boolean {
  return route === "ROUTE_EXPERIMENTAL_ONLY" && view.signal !== "EXPERIMENTAL";
}

/** A model of the segment's own; null where its route asks for none. */
function segmentView(
  { target, crossSectional }: TargetDecision,
  segment: SegmentDecision,
  parent: string | null,
): RoutedView | null {
  const { symbol, route, view: decision, combination } = segment;
  const own = {
    target,
    symbol,
    decision,
    route,
    dependsOn: [],
    trace: [crossSectional.step, decision.step, combination],
    isExperiment: false,
  };
  const reason = why("symbol", decision);
  switch (route) {
    case "ROUTE_SYMBOL_SPECIFIC":
      return {
        ...own,
        priority: priorities.single,
        reason: sentence(`${reason}; cross-sectional is ${crossSectional.signal}`),
      };
    case "ROUTE_BOTH": {
      const dependsOn = parent === null ? [] : [parent];
      return {
        ...own,
        dependsOn,
        priority: priorities.both,
        reason: sentence(`Beside the cross-sectional model; ${reason}`),
      };
    }
    case "ROUTE_EXPERIMENTAL_ONLY":
      if (isPooledExperiment(segment)) return null;
      return {
        ...own,
        priority: priorities.experiment,
        isExperiment: true,
        reason: sentence(`An experiment; ${reason}`),
      };
    case "ROUTE_CROSS_SECTIONAL":
    case "ROUTE_BLOCKED":
      return null;
    default:
      return route satisfies never;
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
