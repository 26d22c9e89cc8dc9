import type { ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import type { PlanInputs, PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";
import type { Routing, TargetDecision } from "../decide/route.ts";
import { planHash, planInputsOf } from "./plan-hash.ts";
import { targetJobs } from "./plan-jobs.ts";
import { summarise } from "./plan-summary.ts";
import type { PlanFamily } from "./stage-families.ts";

/** A target that signalbox.yaml describes, with the families that compete for it. */
export interface PlanTarget {
  readonly name: string;
  readonly families: readonly PlanFamily[];
}

export interface PlanInput {
  readonly routing: Routing;
  readonly targets: ReadonlyMap<string, PlanTarget>;
  /** By `viewKey`; a candidate table made elsewhere has none. */
  readonly evidence: ReadonlyMap<string, ViewEvidence>;
  /** Usable rows by `viewKey`; a view that isn't listed is unknown, and isn't skipped. */
  readonly sides: ReadonlyMap<string, { readonly train: number; readonly reference: number }>;
  readonly inputs: PlanInputs;
  readonly marks: readonly string[];
  readonly generatedAt: string;
  readonly gitCommit: string | null;
}

/** The jobs that a routing requires: one per target, view and stage. Equal inputs in any order give the same plan. */
export function buildTrainingPlan(input: PlanInput): TrainingPlan {
  return assemblePlan({ ...input, ...planJobs(input) });
}

/** Only the jobs, without the hash and summary of a plan: enough for a question that writes nothing. */
export function planJobs(
  input: Pick<PlanInput, "routing" | "targets" | "evidence" | "sides">,
): Pick<PlanParts, "jobs" | "skipped"> {
  const jobs: PlanJob[] = [];
  const skipped: TrainingPlan["skipped"] = [];
  for (const decision of inOrder(input.routing)) {
    const families = input.targets.get(decision.target)?.families;
    if (families === undefined) {
      const reason = "signalbox.yaml describes no target of this name";
      skipped.push({ target: decision.target, symbol: null, reason });
      continue;
    }
    const own = targetJobs(decision, families, input);
    for (const job of own.jobs) jobs.push(job);
    for (const view of own.skipped) skipped.push(view);
  }
  return { jobs, skipped };
}

export interface PlanParts extends Pick<PlanInput, "inputs" | "marks" | "generatedAt" | "gitCommit"> {
  readonly jobs: PlanJob[];
  readonly skipped: TrainingPlan["skipped"];
}

/** A plan around jobs, with their hash and summary. */
export function assemblePlan({ jobs, skipped, inputs, marks, generatedAt, gitCommit }: PlanParts): TrainingPlan {
  return {
    schema_version: 1,
    metadata: {
      generated_at: generatedAt,
      git_commit: gitCommit,
      ...planInputsOf(inputs),
      plan_hash: planHash({ inputs, jobs, skipped }),
      total_jobs: jobs.length,
      model_families: familiesIn(jobs),
      marks: [...marks],
    },
    jobs,
    skipped,
    summary: summarise(jobs),
  };
}

function inOrder(routing: Routing): Routing {
  return [...routing]
    .sort((a, b) => compareCodePoints(a.target, b.target))
    .map(
      (decision): TargetDecision => ({
        ...decision,
        segments: [...decision.segments].sort((a, b) => compareCodePoints(a.symbol, b.symbol)),
      }),
    );
}

function familiesIn(jobs: readonly PlanJob[]): string[] {
  // The jobs of a target share their lists.
  const lists = new Set(jobs.map(({ model_families }) => model_families));
  return [...new Set([...lists].flat())].sort(compareCodePoints);
}
