import type { PlanJob, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { viewKey } from "../candidates/view-key.ts";

/** The deciding steps of a plan, by what they decided. */
export type Traces = ReadonlyMap<string, TraceStep>;

function stepKey({ target, symbol }: Pick<PlanJob, "target" | "symbol">, view: TraceStep["view"]): string {
  // A target's cross-sectional step is in the traces of all its jobs.
  return `${view}\u001f${viewKey(target, view === "cross_sectional" ? null : symbol)}`;
}

export function traceIndex(jobs: readonly PlanJob[]): Traces {
  return new Map(jobs.flatMap((job) => job.trace.map((step) => [stepKey(job, step.view), step] as const)));
}

export interface WhyInput {
  readonly from: Traces;
  readonly to: Traces;
  /** In words; the answer if no trace explains it. */
  readonly inputs: readonly string[];
}

const views = ["cross_sectional", "symbol", "combination"] as const satisfies readonly TraceStep["view"][];

/** Which rule, threshold or value makes a job differ, or exist at all. */
export function whyOf(job: PlanJob, { from, to, inputs }: WhyInput): readonly string[] {
  const steps = views.flatMap((view) => {
    const key = stepKey(job, view);
    return stepChange(view, from.get(key), to.get(key));
  });
  return steps.length > 0 ? steps : inputs;
}

function stepChange(
  view: TraceStep["view"],
  before: TraceStep | undefined,
  after: TraceStep | undefined,
): readonly string[] {
  const name = view.replace("_", "-");
  if (before === undefined) return after === undefined ? [] : [`${name}: now ${inWords(after)}`];
  if (after === undefined) return [`${name}: was ${inWords(before)}`];
  const changes = [
    ...change(`${name} rule`, before.rule, after.rule),
    ...change(`${name} outcome`, before.outcome, after.outcome),
  ];
  // Values and thresholds of different rules aren't the same quantity.
  if (before.rule !== after.rule) return [`${name}: was ${inWords(before)}, now ${inWords(after)}`];
  return [
    ...change(before.policy_key ?? `${name} threshold`, before.threshold, after.threshold),
    ...change(`${name} value (${after.source})`, before.value, after.value),
    ...changes,
  ];
}

function change(name: string, before: TraceStep["value"], after: TraceStep["value"]): readonly string[] {
  return before === after ? [] : [`${name}: ${before ?? "none"} → ${after ?? "none"}`];
}

/** "STRONG by `strong` (value 0.61, symbol.classification.strong_score 0.6)" */
function inWords({ outcome, rule, value, threshold, policy_key }: TraceStep): string {
  const parts = [
    ...(value === null ? [] : [`value ${value}`]),
    ...(threshold === null ? [] : [`${policy_key ?? "threshold"} ${threshold}`]),
  ];
  return `${outcome} by \`${rule}\`${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}
