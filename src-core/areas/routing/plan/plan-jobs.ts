import type { ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import type { PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { viewKey } from "../candidates/view-key.ts";
import type { TargetDecision } from "../decide/route.ts";
import { pooledView, segmentView } from "./routed-views.ts";
import { type PlanFamily, stagesOf } from "./stage-families.ts";
import { ensembleJob, obstacle, type RoutedView, type ViewFacts, viewJobs } from "./view-jobs.ts";

type Skipped = TrainingPlan["skipped"][number];
type Sides = NonNullable<ViewFacts["sides"]>;

/** By `viewKey`. */
export interface Known {
  readonly evidence: ReadonlyMap<string, ViewEvidence>;
  readonly sides: ReadonlyMap<string, Sides>;
}

interface TargetJobs {
  readonly jobs: readonly PlanJob[];
  readonly skipped: readonly Skipped[];
}

const nothingKnown: ViewFacts = { evidence: undefined, sides: undefined };

function factsIn({ evidence, sides }: Known, target: string): (symbol: string | null) => ViewFacts {
  if (evidence.size === 0 && sides.size === 0) return () => nothingKnown;
  return (symbol) => {
    const key = viewKey(target, symbol);
    return { evidence: evidence.get(key), sides: sides.get(key) };
  };
}

/**
 * A target's jobs: the cross-sectional ones, then segment by segment stage 1, its ensemble, stage 2. What can't be
 * trained is skipped with its reason.
 */
export function targetJobs(decision: TargetDecision, families: readonly PlanFamily[], known: Known): TargetJobs {
  const jobs: PlanJob[] = [];
  const skipped: Skipped[] = [];
  const stages = stagesOf(families);
  const stageOne: string[] = [];
  const factsOf = factsIn(known, decision.target);

  /** None if the view is skipped. */
  const jobsOf = (view: RoutedView, facts: ViewFacts): readonly PlanJob[] => {
    const reason = obstacle(stages, facts);
    if (reason === null) return viewJobs({ view, stages, facts, stageOne });
    skipped.push({ target: view.target, symbol: view.symbol, reason });
    return [];
  };

  const pooled = pooledView(decision);
  if (pooled !== null) jobs.push(...jobsOf(pooled, factsOf(null)));
  const parent = jobs[0]?.job_id ?? null;
  for (const segment of decision.segments) {
    const view = segmentView(decision, segment, parent);
    if (view === null) continue;
    const facts = factsOf(view.symbol);
    const [first, second] = jobsOf(view, facts);
    if (first === undefined) continue;
    if (first.stage === 1) jobs.push(first);
    if (view.route === "ROUTE_BOTH" && parent !== null) jobs.push(ensembleJob(view, facts, [parent, first.job_id]));
    if (first.stage === 2) jobs.push(first);
    if (second !== undefined) jobs.push(second);
    if (view.route === "ROUTE_BOTH" && parent === null) {
      const reason = "no ensemble: there is no cross-sectional model to combine its own with";
      skipped.push({ target: view.target, symbol: view.symbol, reason });
    }
  }
  return { jobs, skipped };
}
