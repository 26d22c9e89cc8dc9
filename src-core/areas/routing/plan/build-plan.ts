import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { PlanOutput } from "../../../contract/routing/routing-output.ts";
import type { TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { readViewName } from "../../../contract/routing/view-name.ts";
import { type PooledTarget, type PreparedViews, prepareViews } from "../assess/prepare-views.ts";
import { readEvidence } from "../candidates/evidence-table.ts";
import { viewKey } from "../candidates/view-key.ts";
import { planInputsNow, type Routed, refuseStaleRoutes, routeProject } from "../decide/routing-inputs.ts";
import type { RoutingCore, RoutingNeeds } from "../needs.ts";
import { policyMarks } from "../policy/policy.ts";
import type { Target } from "../policy/targets.ts";
import { publishPlan } from "./plan-files.ts";
import { masterFile, trainingPlanFiles } from "./text/plan-views.ts";
import { buildTrainingPlan, type PlanTarget } from "./training-plan.ts";

export function planFileOf(core: Pick<RoutingCore, "project">): string {
  return path.join(core.project().paths.trainingPlan, masterFile);
}

/** Turns the routes into jobs and publishes plan, Markdown and derived views in one step. */
export async function buildPlan(
  core: Pick<RoutingCore, "clock" | "configs" | "project" | "runs" | "splits">,
  needs: RoutingNeeds,
  { context, views }: { readonly context: OperationContext; readonly views?: PreparedViews },
): Promise<TrainingPlan> {
  const routed = await routeProject(core, needs);
  refuseStaleRoutes(core, routed);
  const prepared = views ?? (await prepareViews(core, needs, context));
  const plan = await planOf(core, { routed, prepared });
  publishPlan(core.project().paths.trainingPlan, trainingPlanFiles(plan));
  context.report({
    stage: "plan",
    state: "finished",
    message: `${counted(plan.metadata.total_jobs, "job")} for ${counted(plan.summary.totals.targets, "target")}, ${counted(plan.skipped.length, "view")} skipped`,
  });
  return plan;
}

async function planOf(
  core: Pick<RoutingCore, "clock" | "configs" | "project" | "runs" | "splits">,
  { routed, prepared }: { readonly routed: Routed; readonly prepared: PreparedViews },
): Promise<TrainingPlan> {
  const { paths } = core.project();
  return buildTrainingPlan({
    routing: routed.routing,
    targets: planTargets(routed.targets),
    evidence: readEvidence(paths.routing),
    sides: sidesOf(prepared.targets),
    inputs: await planInputsNow(core, routed),
    marks: policyMarks(routed.loaded.policy),
    generatedAt: core.clock.now().toISOString(),
    gitCommit: await core.runs.gitCommit(),
  });
}

export function planTargets(targets: readonly Target[]): ReadonlyMap<string, PlanTarget> {
  return new Map(targets.map(({ name, families }) => [name, { name, families }]));
}

function sidesOf(
  targets: readonly PooledTarget[],
): ReadonlyMap<string, { readonly train: number; readonly reference: number }> {
  return new Map(
    targets.flatMap(({ target, pooled, segments }) => [
      [viewKey(target.name, null), { train: pooled.train.rows, reference: pooled.reference.rows }] as const,
      ...segments.map(({ value, train, reference }) => [viewKey(target.name, value), { train, reference }] as const),
    ]),
  );
}

export function planOutput(
  plan: TrainingPlan,
  it: { readonly file: string; readonly target?: string | undefined; readonly segment?: string | undefined },
): PlanOutput {
  const isWanted = (job: { readonly target: string; readonly symbol: string | null }) =>
    (it.target === undefined || job.target === it.target) &&
    (it.segment === undefined || job.symbol === readViewName(it.segment));
  return {
    file: it.file,
    planHash: plan.metadata.plan_hash,
    generatedAt: plan.metadata.generated_at,
    marks: plan.metadata.marks,
    summary: plan.summary,
    jobs: plan.jobs.filter(isWanted),
    skipped: plan.skipped.filter(isWanted),
  };
}
