import type { ViewEvidence } from "../contract/routing-evidence.ts";
import type { PlanJob, Route, TraceStep } from "../contract/routing-plans.ts";
import { jobId } from "./job-id.ts";
import { estimateEnsemble, estimateJob } from "./plan-estimates.ts";
import type { ViewDecision } from "./route.ts";

export interface PlanFamily {
  readonly name: string;
  readonly stage: 1 | 2;
  readonly device: "cpu" | "gpu";
}

/** One view that its target's routing sends to training. */
export interface RoutedView {
  readonly target: string;
  readonly symbol: string | null;
  readonly decision: ViewDecision;
  readonly route: Route;
  readonly priority: number;
  readonly isExperiment: boolean;
  /** Jobs that must have succeeded before its first stage. */
  readonly dependsOn: readonly string[];
  readonly reason: string;
  readonly trace: readonly TraceStep[];
}

/** What is known of a view's rows and folds. */
export interface ViewFacts {
  readonly evidence: ViewEvidence | undefined;
  /** Usable rows; undefined: not known. */
  readonly sides: { readonly train: number; readonly reference: number } | undefined;
}

/** Why a view that is routed to training can't be trained; null: it can. */
export function obstacle(families: readonly PlanFamily[], { evidence, sides }: ViewFacts): string | null {
  if (sides !== undefined && (sides.train === 0 || sides.reference === 0)) {
    const empty =
      sides.train === 0 ? (sides.reference === 0 ? "train and reference have" : "train has") : "reference has";
    return `${empty} no usable row (train ${sides.train}, reference ${sides.reference})`;
  }
  if (families.length === 0) return "the target has no families";
  if (usableFamilies(families, evidence).length > 0) return null;
  const errors = (evidence?.families ?? [])
    .filter(({ family }) => families.some(({ name }) => name === family))
    .map(({ family, error }) => (error === null ? family : `${family} (${error.code})`));
  return `every family failed in every fold: ${errors.join(", ")}`;
}

/** The families that didn't fail everywhere in this view; one without evidence has yet to be tried. */
function usableFamilies(families: readonly PlanFamily[], evidence: ViewEvidence | undefined): readonly PlanFamily[] {
  const failed = new Set(
    (evidence?.families ?? [])
      .filter(({ score, fold_scores }) => score === null && fold_scores.every((one) => one === null))
      .map(({ family }) => family),
  );
  return failed.size === 0 ? families : families.filter(({ name }) => !failed.has(name));
}

function samplesOf(view: RoutedView, { sides }: ViewFacts): number | null {
  return sides?.train ?? view.decision.candidate?.sample_size ?? null;
}

export interface ViewJobsInput {
  readonly view: RoutedView;
  readonly families: readonly PlanFamily[];
  readonly facts: ViewFacts;
  /** Ids of the target's stage 1; shared by its jobs and complete once the target is. */
  readonly stageOne: string[];
}

/** The jobs of a view without an obstacle, a stage each. The first is what others depend on. */
export function viewJobs({ view, families, facts, stageOne }: ViewJobsInput): readonly PlanJob[] {
  const usable = usableFamilies(families, facts.evidence);
  const { target, symbol, decision } = view;
  const training_type = symbol === null ? "cross_sectional" : "symbol_specific";
  const jobs: PlanJob[] = [];
  for (const stage of [1, 2] as const) {
    const competing = usable.filter((family) => family.stage === stage);
    if (competing.length === 0) continue;
    const names = competing.map(({ name }) => name);
    const device = competing.some((family) => family.device === "gpu") ? "gpu" : "cpu";
    const id = jobId({ target, symbol, training_type, stage });
    const parent = jobs[0]?.job_id;
    const estimate = estimateJob({
      families: names,
      device,
      evidence: facts.evidence,
      samples: samplesOf(view, facts),
    });
    if (stage === 1) stageOne.push(id);
    jobs.push({
      job_id: id,
      target,
      symbol,
      route: view.route,
      training_type,
      stage,
      model_families: names,
      priority: view.priority,
      depends_on: parent === undefined ? [...view.dependsOn] : [parent],
      starts_after: stage === 1 ? [] : stageOne,
      ...estimate,
      feature_set_id: decision.candidate?.feature_set_id ?? facts.evidence?.feature_set_id ?? null,
      is_experiment: view.isExperiment,
      reason: view.reason,
      trace: [...view.trace],
    });
  }
  return jobs;
}

/** The ensemble of a segment's own model and the cross-sectional one: weights alone, no families. */
export function ensembleJob(view: RoutedView, facts: ViewFacts, parents: readonly string[]): PlanJob {
  const { target, symbol } = view;
  return {
    job_id: jobId({ target, symbol, training_type: "ensemble", stage: 1 }),
    target,
    symbol,
    route: view.route,
    training_type: "ensemble",
    stage: 1,
    model_families: [],
    priority: view.priority,
    depends_on: [...parents],
    starts_after: [],
    ...estimateEnsemble(samplesOf(view, facts)),
    feature_set_id: null,
    is_experiment: view.isExperiment,
    reason: "Weighs the segment's own model and the cross-sectional one by their held-out predictions.",
    trace: [...view.trace],
  };
}
