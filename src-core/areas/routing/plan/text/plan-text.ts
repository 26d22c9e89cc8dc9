import type { TrainingPlan } from "../../../../contract/routing/routing-plans.ts";
import { withBarriers } from "./plan-barrier.ts";

/**
 * The content of the master file: the head for people, then one job per line, so that a diff of two files is one of their
 * jobs. Members are in the contract's order.
 */
export function trainingPlanText(plan: TrainingPlan): string {
  const { schema_version, metadata, summary, skipped, jobs } = plan;
  const head = JSON.stringify({ schema_version, metadata, summary }, null, 2);
  const linesOf = (values: readonly unknown[]) => jsonLines(values.map((value) => JSON.stringify(value)));
  return `${head.slice(0, -2)},\n  "skipped": ${linesOf(skipped)},\n  "jobs": ${linesOf(withBarriers(jobs))}\n}\n`;
}

/** A JSON array with one element per line, inside an object that is indented by two; the elements are JSON strings. */
export function jsonLines(elements: readonly string[]): string {
  return elements.length === 0 ? "[]" : `[\n    ${elements.join(",\n    ")}\n  ]`;
}
