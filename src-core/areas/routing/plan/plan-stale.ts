import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { PlanInputs } from "../../../contract/routing/routing-plans.ts";

export interface StaleInput {
  readonly input: keyof PlanInputs;
  /** "the policy (configs/routing.yaml)" */
  readonly name: string;
  readonly planned: string | null;
  readonly now: string | null;
}

/** In the order in which changes are reported: what a person edits before what follows from it. */
const inputNames: Readonly<Record<keyof PlanInputs, string>> = {
  project_hash: "targets, segments, families or selection in signalbox.yaml",
  config_hash: "the policy (configs/routing.yaml)",
  dataset_hash: "the dataset",
  split_hash: "the split",
  features_hash: "the features",
  candidates_hash: "the candidate table",
  routing_plan_hash: "the routing plan",
};

function isInput(name: string): name is keyof PlanInputs {
  return Object.hasOwn(inputNames, name);
}

/** The inputs that differ from those the plan was made from; one that was missing then, or is missing now, differs. */
export function staleInputs(planned: PlanInputs, now: PlanInputs): readonly StaleInput[] {
  return Object.entries(inputNames).flatMap(([input, name]) =>
    isInput(input) && planned[input] !== now[input] ? [{ input, name, planned: planned[input], now: now[input] }] : [],
  );
}

/** "the policy (configs/routing.yaml) changed from 0a1b2c3d4e5f to 5f4e3d2c1b0a" */
export function staleInWords({ name, planned, now }: StaleInput): string {
  if (planned === null) return `${name}: made after the plan`;
  if (now === null) return `${name}: no longer exists`;
  return `${name}: ${planned.slice(0, 12)} then, ${now.slice(0, 12)} now`;
}

/** @throws routing/plan-stale naming every input that changed */
export function refuseStale(planned: PlanInputs, now: PlanInputs): void {
  const stale = staleInputs(planned, now);
  if (stale.length === 0) return;
  throw new AppError({
    code: "routing/plan-stale",
    message: `The training plan was made from other inputs. ${stale.map(staleInWords).join("; ")}.`,
    next: [nextStep("routing.planBuild", {}, "rebuilds it")],
    details: { stale: stale.map(({ input, planned, now }) => ({ input, planned, now })) },
  });
}
