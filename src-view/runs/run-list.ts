import { viewName } from "../../src-core/contract/routing/view-name.ts";
import type { RunSummary } from "../../src-core/contract/runs.ts";
import { type Mark, type Tone, toneOf } from "../labels.ts";
import { shortRun, shortVersions, verdictText } from "../names.ts";
import { counted, formatNumber } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { type Column, line, nextSteps, part, report, table } from "../shape.ts";
import { ageOf, formatDuration } from "../times.ts";

/** Shapes the list of runs, and how many it omits. */
export function runsFound(
  { total, runs }: { readonly total: number; readonly runs: readonly RunSummary[] },
  now: number,
): readonly Section[] {
  if (total === 0)
    return report(part(line("There are no runs yet.")), nextSteps(["signalbox run --dry-run", "signalbox run"]));
  const isCut = total > runs.length;
  return report(
    part(runList(runs, now)),
    isCut ? part(line(`${runs.length} of ${counted(total, "run")}; --limit shows more.`)) : undefined,
  );
}

/** Shapes runs one per line, newest first. */
export function runList(runs: readonly RunSummary[], now: number): Block | undefined {
  const metrics = [...new Set(runs.flatMap((run) => (run.primary === null ? [] : [run.primary.metric])))];
  const primary: readonly Column<RunSummary>[] =
    metrics.length === 0
      ? []
      : [{ title: metrics.length === 1 ? (metrics[0] ?? "") : "primary metric", value: figure, align: "right" }];
  const job: readonly Column<RunSummary>[] = runs.some((run) => run.plan !== null)
    ? [{ title: "job", value: jobOf, shrink: 2, least: 12 }]
    : [];
  /** Adds the name of the metric if the runs have different ones. */
  function figure({ primary: it }: RunSummary): string | null {
    if (it?.value == null) return null;
    const value = formatNumber(it.value);
    return metrics.length === 1 ? value : `${it.metric.replace(/^reference_/, "")} ${value}`;
  }
  return table(
    runs,
    [
      { title: "run", value: (run) => `#${run.number}`, align: "right" },
      { title: "id", value: (run) => shortRun(run.runId) },
      { title: "outcome", value: outcomeOf, tone: toneOfRun, shrink: 1, least: 10 },
      ...job,
      ...primary,
      { title: "versions", value: shortVersions },
      { title: "started", value: (run) => ageOf(run.startedAt, now), align: "right" },
      {
        title: "took",
        value: (run) => (run.endedAt === null ? "…" : formatDuration(run.endedAt - run.startedAt)),
        align: "right",
      },
    ],
    { mark: markOf },
  );
}

/** Renders "late/north (ensemble)"; empty for a run without a plan. */
function jobOf({ plan }: RunSummary): string | null {
  if (plan === null) return null;
  const kind = plan.trainingType === "ensemble" ? " (ensemble)" : plan.stage === 2 ? " (stage 2)" : "";
  return `${plan.target}/${viewName(plan.symbol)}${kind}`;
}

function outcomeOf(run: RunSummary): string {
  if (run.status === "FINISHED")
    return run.verdict === null ? "finished" : verdictText(run.verdict, run.plan?.isExperiment === true);
  const where = run.stage === null ? "" : ` in ${run.stage}`;
  return `${run.status}${where}`;
}

function toneOfRun(run: RunSummary): Tone {
  return run.plan?.isExperiment === true && run.verdict !== null ? "quiet" : toneOf(run.verdict ?? run.status);
}

function markOf(run: RunSummary): Mark {
  if (run.status === "RUNNING") return "active";
  if (run.status === "FAILED") return "bad";
  if (run.status === "KILLED") return "warning";
  return run.verdict === "PROMOTE" && run.plan?.isExperiment !== true ? "good" : "note";
}
