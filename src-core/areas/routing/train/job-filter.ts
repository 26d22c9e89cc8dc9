import { counted } from "../../../../src-view/numbers.ts";
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
type Field = "target" | "symbol" | "family";

/**
 * Reads `target=…,segment=…,family=…`. A value may hold commas: the longest that a job of the plan has is taken.
 * @throws cli/usage for anything else
 */
export function parseFilter(text: string | undefined, stage?: number, jobs: readonly PlanJob[] = []): JobFilter {
  const filter: { target?: string; symbol?: string | null; family?: string } = {};
  let rest = text === undefined ? [] : text.split(",");
  while (text !== undefined && rest.length > 0) {
    const [field, value, used] = nextField(text, rest, jobs);
    if (filter[field] !== undefined) {
      throw new AppError({
        code: "cli/usage",
        message: `--only ${text}: ${field === "symbol" ? "the segment" : `the ${field}`} is given twice ('${filter[field]}' and '${value}').`,
        hint: "Give one of each; run the command once per value.",
      });
    }
    if (field === "symbol") filter.symbol = readViewName(value);
    else filter[field] = value;
    rest = rest.slice(used);
  }
  return stage === undefined ? filter : { ...filter, stage };
}

/** The field that the first part begins, its value, and the number of parts that the value takes. */
function nextField(text: string, parts: readonly string[], jobs: readonly PlanJob[]): [Field, string, number] {
  const [first = ""] = parts;
  const field = fieldOf(first);
  if (field === null) throw notAField(text, first);
  const valueTo = (used: number) => {
    const joined = parts.slice(0, used).join(",");
    return joined.slice(joined.indexOf("=") + 1).trim();
  };
  for (let used = parts.length; used > 0; used--) {
    if (isInPlan(jobs, field, valueTo(used))) return [field, valueTo(used), used];
  }
  const next = parts.findIndex((part, index) => index > 0 && fieldOf(part) !== null);
  const used = next < 0 ? parts.length : next;
  const wrong = parts.slice(1, used).find((part) => part.trim() === "" || /^\s*\w+\s*[=:]/.test(part));
  if (wrong !== undefined) throw notAField(text, wrong);
  if (valueTo(used) === "") throw notAField(text, first);
  return [field, valueTo(used), used];
}

function fieldOf(part: string): Field | null {
  const key = part.slice(0, Math.max(0, part.indexOf("="))).trim();
  const known = keys.find((name) => name === key);
  return known === undefined ? null : known === "segment" ? "symbol" : known;
}

function isInPlan(jobs: readonly PlanJob[], field: Field, value: string): boolean {
  return jobs.some((job) => matchesFilter(job, { [field]: field === "symbol" ? readViewName(value) : value }));
}

function notAField(text: string, part: string): AppError {
  const near = nearest(part.slice(0, Math.max(0, part.indexOf("="))).trim(), keys);
  return new AppError({
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
  // In quotes as a segment is read.
  const shown = (value: string) => (value.includes(",") && !value.startsWith('"') ? JSON.stringify(value) : value);
  const of = (values: readonly string[]) => {
    const names = [...new Set(values)];
    const more = names.length > 12 ? ` and ${names.length - 12} more` : "";
    return names.slice(0, 12).map(shown).join(", ") + more;
  };
  throw new AppError({
    code: "training/no-jobs",
    message: `The plan has ${counted(jobs.length, "job")}, but none of them is ${filterWords(filter)}.`,
    hint: `Targets: ${of(jobs.map((job) => job.target))}. Segments: ${of(jobs.map((job) => viewName(job.symbol)))}. Families: ${of(jobs.flatMap((job) => job.model_families))}.`,
    details: { filter: { ...filter } },
  });
}
