import { existsSync, mkdirSync, renameSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { modelTypeOf, type PlanMember, type PlanRun } from "../../../contract/routing/plan-run.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import type { Core, FinishedJob } from "../../../foundation/context.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import { readText, temporaryPath } from "../../../foundation/files/durable.ts";
import { writeMembers, writeStageOne } from "../assess/held-out.ts";
import type { Measuring } from "../assess/measure-view.ts";
import type { PreparedViews } from "../assess/prepare-views.ts";
import { featureSetId } from "../assess/view-features.ts";
import type { ViewTask } from "../assess/view-task.ts";
import type { Family, Target } from "../policy/targets.ts";
import { compete, type Winner } from "./compete.ts";
import { namesOf } from "./model-names.ts";

export interface PlanRunInput {
  readonly core: Pick<Core, "project" | "projectDir">;
  readonly views: PreparedViews;
  readonly planHash: string;
  readonly marks: readonly string[];
  readonly dataHash: string;
  /** Requested with `--only family=…`: the others don't compete. */
  readonly onlyFamily: string | undefined;
  readonly viewOf: (target: string, symbol: string | null) => ViewTask;
  /** The finished run of a job that this one depends on. */
  readonly parentOf: (jobId: string) => FinishedJob | undefined;
  readonly measuring: Measuring;
  readonly duck: Duck;
}

/** A job of the plan as a run will execute it: with the winner of its families or, for an ensemble, its two parents. */
export async function planRunOf(job: PlanJob, input: PlanRunInput): Promise<PlanRun> {
  const view = input.viewOf(job.target, job.symbol);
  const { target } = view.input;
  const features = featuresOf(job, view, input);
  const base = {
    jobId: job.job_id,
    planHash: input.planHash,
    dataHash: input.dataHash,
    target: {
      name: target.name,
      column: target.column,
      sql: target.sql,
      task: target.task,
      positiveClass: target.positiveClass,
    },
    segment: view.input.segment,
    route: job.route,
    trainingType: job.training_type,
    stage: job.stage,
    isExperiment: job.is_experiment,
    marks: [...input.marks],
    features: [...features],
    featureSetId: featureSetId(features),
    promotion: target.promotion,
    ...namesOf(job, input.core.project()),
  };
  if (job.training_type === "ensemble") return { ...base, ...(await ensembleOf(job, input)) };
  const winner = await compete(view, familiesOf(job, target, input.onlyFamily), input.measuring);
  const { name, type, params, seed } = winner.family;
  const own = { ...base, family: { name, type, params: { ...params }, seed }, competition: winner.competition };
  if (job.stage === 1 || job.depends_on.length === 0) return { ...own, members: [], heldOut: null };
  return { ...own, ...(await stackedOn(job, view, input)) };
}

function familiesOf(job: PlanJob, target: Target, only: string | undefined): readonly Family[] {
  const selected = target.families.filter(
    ({ name }) => job.model_families.includes(name) && (only === undefined || name === only),
  );
  if (selected.length > 0) return selected;
  throw new AppError({
    code: "training/no-jobs",
    message: `None of the job's families (${job.model_families.join(", ")}) is described for the target ${target.name}.`,
    next: [nextStep("routing.planBuild", {}, "rebuilds the plan from signalbox.yaml")],
  });
}

/** Exactly the set that the plan names, if its file exists; else what the view was measured with. */
function featuresOf(job: PlanJob, view: ViewTask, { core }: PlanRunInput): readonly string[] {
  if (job.feature_set_id === null) return view.input.features.features;
  const file = path.join(core.project().paths.routing, "feature_sets", `${job.feature_set_id}.json`);
  if (!existsSync(file)) {
    if (featureSetId(view.input.features.features) === job.feature_set_id) return view.input.features.features;
    throw new AppError({
      code: "training/preflight",
      message: `The feature set ${job.feature_set_id} of ${job.target} isn't in metrics/routing/feature_sets.`,
      hint: "Write the set, or remove feature_set_id from the candidate table.",
      next: [nextStep("routing.assess", {}, "writes the sets it selects")],
    });
  }
  const { features } = JSON.parse(readText(file)) as { readonly features: readonly string[] };
  if (featureSetId(features) === job.feature_set_id) return features;
  throw new AppError({
    code: "training/preflight",
    message: `${path.relative(core.projectDir, file)} doesn't match its name: its features have another digest.`,
    next: [nextStep("routing.assess", {}, "writes it again")],
  });
}

/** Stage 2 on stage 1: the finished model of the view's stage 1, and its held-out predictions as a feature. */
async function stackedOn(job: PlanJob, view: ViewTask, input: PlanRunInput) {
  const first = parentOf(job.depends_on[0] ?? "", input);
  const winner = await winnerOf(first, view, input);
  const heldOut = await kept(input, (to) =>
    writeStageOne(input.duck, { files: winner.heldOut, rows: winner.rows, to }),
  );
  return { members: [memberOf(first, "stage_1", input)], heldOut };
}

async function ensembleOf(job: PlanJob, input: PlanRunInput) {
  const parents = job.depends_on.map((id) => parentOf(id, input));
  const pooled = parents.find((it) => it.planRun.segment === null);
  const own = parents.find((it) => it.planRun.segment !== null);
  if (pooled === undefined || own === undefined) throw new Error(`An ensemble needs two parents: ${job.job_id}`);
  const of = {
    pooled: (await winnerOf(pooled, input.viewOf(job.target, null), input)).heldOut,
    own: (await winnerOf(own, input.viewOf(job.target, job.symbol), input)).heldOut,
  };
  const heldOut = await kept(input, async (to) => {
    const rows = await writeMembers(input.duck, { ...of, to });
    if (rows > 0) return;
    throw new AppError({
      code: "training/failed",
      message: `${job.target}/${viewName(job.symbol)}: no row was held out by both the pooled model and the segment's own model.`,
      next: [nextStep("routing.assess", { fresh: true }, "measures both on the same rows")],
    });
  });
  return {
    family: null,
    competition: [],
    members: [memberOf(pooled, "cross_sectional", input), memberOf(own, "symbol_specific", input)],
    heldOut,
  };
}

function parentOf(id: string, input: PlanRunInput): FinishedJob {
  const parent = input.parentOf(id);
  if (parent !== undefined) return parent;
  throw new AppError({
    code: "training/dependency-failed",
    message: `The job ${id}, which this one depends on, has no finished run.`,
    hint: "A job's dependencies are trained first, unless --only excludes them.",
    next: [nextStep("routing.train", {}, "trains the whole plan")],
  });
}

/** The held-out predictions of the family that a parent's run was trained with. */
async function winnerOf(parent: FinishedJob, view: ViewTask, input: PlanRunInput): Promise<Winner> {
  const family = view.input.target.families.find(({ name }) => name === parent.planRun.family?.name);
  if (family === undefined)
    throw new Error(`The family of run ${parent.runId} is no longer one of ${view.input.target.name}.`);
  return await compete(view, [family], input.measuring);
}

function memberOf(
  { runId, train, planRun }: FinishedJob,
  role: PlanMember["role"],
  { core }: PlanRunInput,
): PlanMember {
  const { paths } = core.project();
  const modelDir = path.relative(paths.root, path.join(paths.runs, runId, "train", "outputs", "model"));
  return { role, runId, modelType: modelTypeOf(planRun), modelDigest: train.modelDigest, modelDir };
}

/** A file named by its content, so that equal ones are one file and a run can name it by digest. */
async function kept(
  { core }: PlanRunInput,
  write: (to: string) => Promise<void>,
): Promise<NonNullable<PlanRun["heldOut"]>> {
  const { paths } = core.project();
  const folder = path.join(paths.evidence, "held_out");
  mkdirSync(folder, { recursive: true });
  const temporary = temporaryPath(path.join(folder, "held_out.parquet"));
  await write(temporary);
  const sha256 = fileDigest(temporary);
  const file = path.join(folder, `${sha256.slice(0, 32)}.parquet`);
  renameSync(temporary, file);
  return { path: path.relative(paths.root, file), sha256 };
}
