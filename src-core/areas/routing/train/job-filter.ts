import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { nearest } from "../../../contract/nearest.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import { readViewName, viewName } from "../../../contract/routing/view-name.ts";

/** What `--only` selects; absent: everything. */
export interface JobFilter {
  readonly target?: string;
  /** Null: the pooled view. */
  readonly symbol?: string | null;
  readonly family?: string;
  readonly stage?: number | undefined;
}

const keys = ["target", "segment", "symbol", "family"] as const;

/** Reads `target=…,segment=…,family=…`. @throws cli/usage for anything else */
export function parseFilter(text: string | undefined, stage?: number): JobFilter {
  const filter: { target?: string; symbol?: string | null; family?: string } = {};
  for (const part of text === undefined ? [] : text.split(",")) {
    const at = part.indexOf("=");
    const key = part.slice(0, Math.max(0, at)).trim();
    const value = part.slice(at + 1).trim();
    const known = keys.find((name) => name === key);
    if (known === undefined || value === "") {
      const near = nearest(key, keys);
      throw new AppError({
        code: "cli/usage",
        message: `--only ${text}: '${part}' isn't one of target=…, segment=…, family=…${near === undefined ? "" : ` — did you mean ${near}=…?`}`,
        next: [
          nextStep(
            "routing.train",
            { only: "target=NAME,segment=NAME,family=NAME" },
            "is the full form; each part is optional",
          ),
        ],
      });
    }
    const field = known === "segment" ? "symbol" : known;
    if (filter[field] !== undefined) {
      throw new AppError({
        code: "cli/usage",
        message: `--only ${text}: ${field === "symbol" ? "the segment" : `the ${field}`} is given twice ('${filter[field]}' and '${value}').`,
        hint: "Give one of each; run the command once per value.",
      });
    }
    if (field === "symbol") filter.symbol = readViewName(value);
    else filter[field] = value;
  }
  return stage === undefined ? filter : { ...filter, stage };
}

/** True for the pooled view too if a filter selects `CS`. */
export function matchesFilter(job: PlanJob, { target, symbol, family, stage }: JobFilter): boolean {
  if (target !== undefined && job.target !== target) return false;
  if (symbol !== undefined && job.symbol !== symbol) return false;
  if (family !== undefined && !job.model_families.includes(family)) return false;
  return stage === undefined || job.stage === stage;
}

/** Why a job isn't selected, for the table of a dry run. */
export function explainNotSelected(filter: JobFilter): string {
  return `not selected (only ${filterWords(filter)})`;
}

function filterWords(filter: JobFilter): string {
  const parts = [
    ...(filter.target === undefined ? [] : [`target=${filter.target}`]),
    ...(filter.symbol === undefined ? [] : [`segment=${viewName(filter.symbol)}`]),
    ...(filter.family === undefined ? [] : [`family=${filter.family}`]),
    ...(filter.stage === undefined ? [] : [`stage ${filter.stage}`]),
  ];
  return parts.join(", ");
}

/** @throws training/no-jobs if the plan has no job at all, or listing what it contains */
export function refuseNoJobs(jobs: readonly PlanJob[], filter: JobFilter): void {
  if (jobs.length === 0) {
    throw new AppError({
      code: "training/no-jobs",
      message: "There is nothing to train: the plan has no jobs, because no view got a route that trains it.",
      next: [nextStep("routing.show", {}, "shows each route with its reason")],
    });
  }
  if (jobs.some((job) => matchesFilter(job, filter))) return;
  const of = (values: readonly string[]) => [...new Set(values)].slice(0, 12).join(", ");
  throw new AppError({
    code: "training/no-jobs",
    message: `The plan has ${jobs.length} jobs, but none of them is ${filterWords(filter)}.`,
    hint: `Targets: ${of(jobs.map((job) => job.target))}. Segments: ${of(jobs.map((job) => viewName(job.symbol)))}. Families: ${of(jobs.flatMap((job) => job.model_families))}.`,
    details: { filter: { ...filter } },
  });
}
