import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import type { TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import type { Core } from "../../../foundation/context.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { routeProject } from "../decide/routing-inputs.ts";
import type { RoutingNeeds } from "../needs.ts";
import { planFileOf } from "./build-plan.ts";
import { diffPlans, type JobDifference } from "./plan-diff.ts";
import { staleInputs } from "./plan-stale.ts";
import { parseTrainingPlan } from "./read-plan.ts";
import { masterFile } from "./text/plan-views.ts";

type RouteNeeds = Pick<RoutingNeeds, "policy" | "targets">;
type Compared = OperationOutput<"routing.planDiff">;

/** Two plans by file or by the start of their hash; by default the previous plan and the current one. */
export async function comparePlans(
  core: Pick<Core, "project" | "projectDir">,
  needs: RouteNeeds,
  requested: {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly workingFolder?: string | undefined;
  },
): Promise<Compared> {
  const kept = keptPlans(core);
  const folder = requested.workingFolder ?? core.projectDir;
  const to = requested.to === undefined ? planAt(planFileOf(core)) : named(requested.to, kept, folder);
  const from = requested.from === undefined ? before(to, kept) : named(requested.from, kept, folder);
  const diff = diffPlans(from, to);
  const nowOf = await reasonsNow(core, needs, to);
  const rows = (["added", "removed", "changed"] as const).flatMap((change) =>
    diff[change].map((job) => ({
      change,
      target: job.target,
      symbol: job.symbol,
      job: `${job.training_type}${job.stage === 2 ? ", stage 2" : ""}`,
      what: whatOf(job, change),
      // A plan holds no trace of what it doesn't train, so the router decides that again.
      why: [...job.why, ...(change === "removed" ? nowOf(job) : [])].join("; "),
    })),
  );
  const inputs = staleInputs(from.metadata, to.metadata).map(({ name, planned, now }) => ({
    input: name,
    from: planned,
    to: now,
  }));
  return { from: labelOf(from), to: labelOf(to), inputs, rows };
}

type ReasonsOf = (job: Pick<JobDifference, "target" | "symbol">) => readonly string[];

/** What the router decides for a view today, if the plan is of today's candidates and policy. */
async function reasonsNow(
  core: Pick<Core, "project">,
  needs: RouteNeeds,
  { metadata }: TrainingPlan,
): Promise<ReasonsOf> {
  try {
    const { loaded, table, routing } = await routeProject(core, needs);
    if (loaded.digest !== metadata.config_hash || table.digest !== metadata.candidates_hash) return () => [];
    const targets = new Map(routing.map((decision) => [decision.target, decision]));
    return ({ target, symbol }) => {
      const decision = targets.get(target);
      const segment = decision?.segments.find((it) => it.symbol === symbol);
      const step = (segment?.view ?? decision?.crossSectional)?.step;
      if (step === undefined) return ["now: the candidate table has no such view"];
      const key = step.policy_key === null ? "" : `, ${step.policy_key} ${step.threshold}`;
      return [`now ${segment?.route ?? step.outcome}: ${step.outcome} by \`${step.rule}\` (value ${step.value}${key})`];
    };
  } catch {
    // Plans can be compared without the table they were made from.
    return () => [];
  }
}

function whatOf(job: JobDifference, change: Compared["rows"][number]["change"]): string {
  if (change !== "changed") return job.route;
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return job.fields.map(({ field, before: was, after: is }) => `${field}: ${text(was)} → ${text(is)}`).join("; ");
}

const labelOf = ({ metadata }: TrainingPlan): string =>
  `${metadata.plan_hash.slice(0, 12)} of ${metadata.generated_at}`;

function planAt(file: string): TrainingPlan {
  if (existsSync(file)) return parseTrainingPlan(readText(file), file);
  throw new AppError({
    code: "routing/plan-missing",
    message: `There is no training plan ${file}.`,
    next: [nextStep("routing.planBuild", {}, "builds one")],
    details: { file },
  });
}

/** The folders that the plan's link points to: the current one and the previous one, newest first. */
function keptPlans(core: Pick<Core, "project">): readonly TrainingPlan[] {
  const folder = path.join(path.dirname(core.project().paths.trainingPlan), ".plans");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => path.join(folder, name, masterFile))
    .filter((file) => existsSync(file))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .flatMap((file) => {
      try {
        return [planAt(file)];
      } catch {
        // One that can't be read can't be the one that is meant.
        return [];
      }
    });
}

function before(current: TrainingPlan, kept: readonly TrainingPlan[]): TrainingPlan {
  const other = kept.find(({ metadata }) => metadata.plan_hash !== current.metadata.plan_hash);
  if (other !== undefined) return other;
  throw new AppError({
    code: "routing/plan-missing",
    message: "There is no previous plan to compare the current one with.",
    hint: "Change configs/routing.yaml, then route and plan again; or name two plans' files.",
    next: [
      nextStep("routing.build", {}, "routes again"),
      nextStep("routing.planBuild", {}, "builds the plan from the routes"),
    ],
  });
}

function named(reference: string, kept: readonly TrainingPlan[], folder: string): TrainingPlan {
  const file = path.resolve(folder, reference);
  if (existsSync(file)) return planAt(statSync(file).isDirectory() ? path.join(file, masterFile) : file);
  const found = kept.find(({ metadata }) => reference.length >= 4 && metadata.plan_hash.startsWith(reference));
  if (found !== undefined) return found;
  throw new AppError({
    code: "routing/plan-missing",
    message: `'${reference}' is neither the file of a plan nor the start of a kept plan's hash.`,
    hint: `Kept: ${kept.map(labelOf).join(", ") || "none"}. Older plans are in git: git show COMMIT:globals/training_plan/${masterFile} > old.json`,
  });
}
