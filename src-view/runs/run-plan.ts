import type { OperationOutput } from "../../src-core/contract/index.ts";
import { shortDigest, shortRun, versionsText } from "../names.ts";
import type { Section } from "../section.ts";
import { facts, line, nextSteps, part, report, section, table, toned } from "../shape.ts";

type RunPlan = Extract<OperationOutput<"runs.start">, { isDryRun: true }>;

/** Shapes what a run would do, stage by stage. */
export function runPlan(plan: RunPlan): readonly Section[] {
  const toRun = plan.stages.filter((it) => it.action === "run").length;
  return report(
    part(
      line(toned("Plan", "strong"), `  ${toRun} of ${plan.stages.length} stages would run; nothing was changed`),
      facts([
        ["versions", versionsText(plan)],
        ["request", shortDigest(plan.fingerprint)],
        ["resumes", plan.resumes === null ? undefined : `run ${shortRun(plan.resumes)}`],
      ]),
    ),
    section(
      "Stages",
      table(
        plan.stages,
        [
          { title: "", value: (it) => it.stage },
          { title: "", value: (it) => it.action, tone: (it) => (it.action === "run" ? "active" : "quiet") },
          { title: "", value: (it) => it.reason, shrink: 1, least: 20 },
        ],
        { mark: (it) => (it.action === "run" ? "active" : "good") },
      ),
    ),
    nextSteps(plan.nextSteps),
  );
}
