import type { Task } from "../../../contract/configs/project-config.ts";
import { groupOf } from "../../../contract/configs/split-schema.ts";
import { gateProblems } from "../../promotion/gate/gate-validation.ts";
import { gateTestNames } from "../../promotion/gate/test-names.ts";
import type { Problem } from "../read/problems.ts";
import { type ConfigSet, Findings } from "./findings.ts";

/**
 * Checks the gate against the task's metrics (by default the project's task) and the split's tests, by the rules that the
 * gate itself applies.
 */
export function checkPromotion(
  { promotion, project, split }: ConfigSet,
  task: Task = project.value.task,
): readonly Problem[] {
  const findings = new Findings(promotion);
  const config = promotion.value;
  const testNames = gateTestNames(split.value, config);
  for (const { path, message, hint } of gateProblems({ config, task, testNames, clusterBy: groupOf(split.value) }))
    findings.add(path, message, { hint });
  return findings.problems;
}
