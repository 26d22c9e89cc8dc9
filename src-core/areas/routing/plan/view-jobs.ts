import type { Route } from "../../../contract/routing/routes.ts";
import type { ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import type { PlanJob, TraceStep } from "../../../contract/routing/routing-plans.ts";
import type { ViewDecision } from "../decide/route.ts";
import { jobId } from "./job-id.ts";
import { estimateEnsemble, estimateJob, type PlanEstimate } from "./plan-estimates.ts";
import { type StageFamilies, usableStages } from "./stage-families.ts";

/** One view that its target's routing sends to training. */
export interface RoutedView {
  readonly target: string;
  readonly symbol: string | null;
  readonly decision: ViewDecision;
  readonly route: Route;
  readonly priority: number;
  readonly isExperiment: boolean;
  /** A job that must have succeeded before its first stage. */
  readonly after: string | null;
  readonly reason: string;
  readonly trace: TraceStep[];
}

/** The known facts of a view's rows and folds. */
export interface ViewFacts {
  readonly evidence: ViewEvidence | undefined;
  /** Usable rows; undefined: not known. */
  readonly sides: { readonly train: number; readonly reference: number } | undefined;
}

/** Why a view that is routed to training can't be trained; null: it can. */
export function obstacle(stages: readonly StageFamilies[], { evidence, sides }: ViewFacts): string | null {
  if (sides !== undefined && (sides.train === 0 || sides.reference === 0)) {
    const both = sides.reference === 0 ? "train and reference have" : "train has";
    const empty = sides.train === 0 ? both : "reference has";
    return `${empty} no usable row (train ${sides.train}, reference ${sides.reference})`;
  }
  if (stages.length === 0) return "the target has no families";
  if (usableStages(stages, evidence).length > 0) return null;
  const errors = (evidence?.families ?? [])
    .filter(({ family }) => stages.some(({ names }) => names.includes(family)))
    .map(({ family, error }) => (error === null ? family : `${family} (${error.code})`));
  return `every family failed in every fold: ${errors.join(", ")}`;
}

export interface ViewJobsInput {
  readonly view: RoutedView;
  readonly stages: readonly StageFamilies[];
  readonly facts: ViewFacts;
  /** Ids of the target's stage 1; shared by its jobs and complete once the target is. */
  readonly stageOne: string[];
}

/** The list of the jobs that don't wait for any other. */
const none: string[] = [];

/** The jobs of a view without an obstacle, one per stage. The first is what others depend on. */
export function viewJobs({ view, stages, facts, stageOne }: ViewJobsInput): readonly PlanJob[] {
  const { evidence } = facts;
  const samples = samplesOf(view, facts);
  let after = view.after;
  return usableStages(stages, evidence).map((families) => {
    const estimate = estimateJob({ families: families.names, device: families.device, evidence, samples });
    const featureSetId = view.decision.candidate?.feature_set_id ?? evidence?.feature_set_id ?? null;
    const job = jobOf(view, {
      trainingType: view.symbol === null ? "cross_sectional" : "symbol_specific",
      stage: families.stage,
      families: families.names,
      dependsOn: after === null ? none : [after],
      startsAfter: families.stage === 1 ? none : stageOne,
      estimate,
      featureSetId,
      reason: view.reason,
    });
    if (families.stage === 1) stageOne.push(job.job_id);
    after = job.job_id;
    return job;
  });
}

/** The ensemble of a segment's own model and the cross-sectional one: only weights, no families. */
export function ensembleJob(view: RoutedView, facts: ViewFacts, parents: string[]): PlanJob {
  return jobOf(view, {
    trainingType: "ensemble",
    stage: 1,
    families: none,
    dependsOn: parents,
    startsAfter: none,
    estimate: estimateEnsemble(samplesOf(view, facts)),
    featureSetId: null,
    reason: "Weighs the segment's own model and the cross-sectional one by their held-out predictions.",
  });
}

function samplesOf(view: RoutedView, { sides }: ViewFacts): number | null {
  return sides?.train ?? view.decision.candidate?.sample_size ?? null;
}

interface OwnParts {
  readonly trainingType: PlanJob["training_type"];
  readonly stage: 1 | 2;
  readonly families: string[];
  readonly dependsOn: string[];
  readonly startsAfter: string[];
  readonly estimate: PlanEstimate;
  readonly featureSetId: string | null;
  readonly reason: string;
}

/** Written out: a plan has hundreds of thousands of jobs, and spreading parts into each costs as much as everything else. */
function jobOf({ target, symbol, route, priority, isExperiment, trace }: RoutedView, own: OwnParts): PlanJob {
  const { trainingType: training_type, stage, estimate } = own;
  return {
    job_id: jobId({ target, symbol, training_type, stage }),
    target,
    symbol,
    route,
    training_type,
    stage,
    model_families: own.families,
    priority,
    depends_on: own.dependsOn,
    starts_after: own.startsAfter,
    resources: estimate.resources,
    estimated_samples: estimate.estimated_samples,
    estimated_seconds: estimate.estimated_seconds,
    estimate_basis: estimate.estimate_basis,
    feature_set_id: own.featureSetId,
    is_experiment: isExperiment,
    reason: own.reason,
    trace,
  };
}
