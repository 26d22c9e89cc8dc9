import type { z } from "zod";
import type { planSchema } from "../../src-core/contract/runs.ts";
import { mark } from "../marks.ts";
import { paint, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { inner, nextSteps, parts, section, shortDigest, shortRun } from "../text.ts";
import { versionsText } from "./run-report.ts";

/** What a run would do, stage by stage. */
export function runPlan(plan: z.output<typeof planSchema>, screen: Screen): string {
  const toRun = plan.stages.filter((it) => it.action === "run").length;
  return parts(
    [
      `${paint(screen, "bold", "Plan")}  ${toRun} of ${plan.stages.length} stages would run; nothing was changed`,
      facts(screen, [
        ["versions", versionsText(plan)],
        ["request", shortDigest(plan.fingerprint)],
        ["resumes", plan.resumes === null ? undefined : `run ${shortRun(plan.resumes)}`],
      ]),
    ].join("\n"),
    section(
      screen,
      "Stages",
      table(
        inner(screen),
        plan.stages,
        [
          { title: "", value: (it) => it.stage },
          { title: "", value: (it) => it.action, style: (it) => (it.action === "run" ? "cyan" : "dim") },
          { title: "", value: (it) => it.reason, shrink: 1, least: 20 },
        ],
        { mark: (it) => mark(screen, it.action === "run" ? "active" : "good") },
      ),
    ),
    nextSteps(screen, ["signalbox run  # the same options without --dry-run"]),
  );
}
