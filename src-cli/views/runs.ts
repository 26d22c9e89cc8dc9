import type { OperationOutput } from "../../src-core/contract/index.ts";
import { mark, styleOf } from "../marks.ts";
import { counted, formatBytes } from "../numbers.ts";
import { paint, plain, plainLine, type Screen } from "../screen.ts";
import { hanging, lines, nextSteps, parts, shortRun } from "../text.ts";
import type { Views } from "../view.ts";
import { projectStatus } from "./project-status.ts";
import { reproduction } from "./reproduction.ts";
import { runComparison } from "./run-comparison.ts";
import { runList } from "./run-list.ts";
import { runPlan } from "./run-plan.ts";
import { runReport } from "./run-report.ts";

export const runsViews: Views = {
  "runs.start": (output, screen) => ("isDryRun" in output ? runPlan(output, screen) : runReport(output, screen)),
  "runs.stage": runReport,
  "runs.resume": runReport,
  "runs.show": runReport,
  "runs.status": projectStatus,
  "runs.compare": runComparison,
  "runs.reproduce": reproduction,
  "runs.list": ({ total, runs }, screen) =>
    total === 0
      ? parts("No run yet.", nextSteps(screen, ["signalbox run --dry-run", "signalbox run"]))
      : parts(
          runList(runs, screen),
          total > runs.length ? `${runs.length} of ${counted(total, "run")}; --limit shows more.` : "",
        ),
  "runs.cancel": ({ runId, status, message }, screen) =>
    `${shortRun(runId)}  ${paint(screen, styleOf(status), status)}  ${plainLine(message)}`,
  "runs.logs": logs,
};

function logs({ runId, jobs }: OperationOutput<"runs.logs">, screen: Screen): string {
  if (jobs.length === 0) return `Run ${shortRun(runId)} has no job's output: no job was started.`;
  return parts(
    ...jobs.map((job) =>
      lines(
        hanging(screen, `${mark(screen, "note")} `, "").trimEnd() +
          ` ${paint(screen, "bold", plainLine(job.job))}  ${paint(screen, "dim", `${plainLine(job.file)}, ${formatBytes(job.sizeBytes)}`)}`,
        job.text === "" ? paint(screen, "dim", "  nothing was written") : plain(job.text.trimEnd()),
      ),
    ),
  );
}
