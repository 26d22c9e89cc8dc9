import { readFileSync } from "node:fs";
import * as z from "zod";
import { counted } from "../../../../src-view/numbers.ts";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { type PlanJob, type TrainingPlan, trainingPlanSchema } from "../../../contract/routing/routing-plans.ts";
import { segmentText } from "../../../contract/routing/view-name.ts";
import { jobId } from "./job-id.ts";
import { planHash } from "./plan-hash.ts";
import { withoutBarriers } from "./text/plan-barrier.ts";

const rebuild = [nextStep("routing.planBuild", {}, "rebuilds it")];

/**
 * Reads the plan that training follows: complete, unchanged since it was built, with something to do.
 * @throws routing/plan-missing, routing/plan-corrupt, routing/plan-empty
 */
export function readTrainingPlan(file: string): TrainingPlan {
  const plan = parseTrainingPlan(textOf(file), file);
  if (plan.jobs.length > 0) return plan;
  const skipped = plan.skipped.length;
  throw new AppError({
    code: "routing/plan-empty",
    message: `The training plan ${file} has no jobs${skipped === 0 ? "" : `; ${counted(skipped, "view")} ${skipped === 1 ? "was" : "were"} skipped`}.`,
    hint: "Find out why nothing is trained, then change configs/routing.yaml or assess again.",
    next: [nextStep("routing.planShow", {}, "shows why")],
    details: { file, skipped: plan.skipped.slice(0, 20) },
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      throw new AppError({
        code: "routing/plan-missing",
        message: `There is no training plan ${file}.`,
        next: [nextStep("routing.planBuild", {}, "builds one")],
        details: { file },
      });
    }
    throw corrupt(file, error instanceof Error ? error.message : String(error), error);
  }
}

function corrupt(file: string, reason: string, cause?: unknown): AppError {
  return new AppError({
    code: "routing/plan-corrupt",
    message: `The training plan ${file} can't be used: ${reason}.`,
    next: rebuild,
    details: { file },
    cause,
  });
}

/**
 * Parses a plan from the content of its file, with its barriers written out as ids; it may have no jobs.
 * @throws routing/plan-corrupt
 */
export function parseTrainingPlan(text: string, file: string): TrainingPlan {
  const parsed = trainingPlanSchema.safeParse(jsonOf(text, file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue === undefined ? "" : z.core.toDotPath(issue.path);
    throw corrupt(file, `${place === "" ? "the whole" : place}: ${issue?.message ?? "not a training plan"}`);
  }
  const plan = parsed.data;
  const hash = planHash({ inputs: plan.metadata, jobs: plan.jobs, skipped: plan.skipped });
  if (hash !== plan.metadata.plan_hash) {
    throw corrupt(
      file,
      `its jobs were changed after it was built (plan_hash ${plan.metadata.plan_hash}, content ${hash})`,
    );
  }
  const reason = contradiction(plan);
  if (reason !== null) throw corrupt(file, reason);
  return { ...plan, jobs: withoutBarriers(plan.jobs) };
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corrupt(file, `it isn't JSON (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

/** What a recomputed hash would hide. */
function contradiction({ metadata, jobs }: TrainingPlan): string | null {
  if (metadata.total_jobs !== jobs.length) return `total_jobs is ${metadata.total_jobs}, but there are ${jobs.length}`;
  const ids = new Set<string>();
  for (const job of jobs) {
    if (job.job_id !== jobId(job)) return `${named(job)} doesn't have the id of its target, symbol, type and stage`;
    if (ids.has(job.job_id)) return `${named(job)} occurs twice`;
    ids.add(job.job_id);
  }
  for (const job of jobs) {
    const unknown = job.depends_on.find((id) => !ids.has(id));
    if (unknown !== undefined) return `${named(job)} depends on ${unknown}, which doesn't exist`;
  }
  return null;
}

function named({ job_id, target, symbol }: PlanJob): string {
  return `job ${job_id} (${target}${symbol === null ? "" : `, ${segmentText(symbol)}`})`;
}
