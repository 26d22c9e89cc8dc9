import type { RunSummary } from "../../src-core/contract/runs.ts";
import { mark, styleOf } from "../marks.ts";
import { formatDuration, formatNumber } from "../numbers.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { shortRun } from "../text.ts";
import { ageOf } from "../times.ts";

/** Runs one a line, newest first. */
export function runList(runs: readonly RunSummary[], screen: Screen): string {
  const metrics = [...new Set(runs.flatMap((run) => (run.primary === null ? [] : [run.primary.metric])))];
  const primary: readonly Column<RunSummary>[] =
    metrics.length === 0
      ? []
      : [{ title: metrics.length === 1 ? (metrics[0] ?? "") : "primary metric", value: figure, align: "right" }];
  const job: readonly Column<RunSummary>[] = runs.some((run) => run.plan !== null)
    ? [{ title: "job", value: jobOf, shrink: 2, least: 12 }]
    : [];
  /** With its name where runs are judged by different ones. */
  function figure({ primary: it }: RunSummary): string | null {
    if (it?.value == null) return null;
    const value = formatNumber(it.value);
    return metrics.length === 1 ? value : `${it.metric.replace(/^reference_/, "")} ${value}`;
  }
  return table(
    screen,
    runs,
    [
      { title: "run", value: (run) => `#${run.number}`, align: "right" },
      { title: "id", value: (run) => shortRun(run.runId) },
      { title: "outcome", value: outcomeOf, style: (run) => styleOf(run.verdict ?? run.status), shrink: 1, least: 10 },
      ...job,
      ...primary,
      { title: "versions", value: versionsOf },
      { title: "started", value: (run) => ageOf(run.startedAt, screen.now), align: "right" },
      {
        title: "took",
        value: (run) => (run.endedAt === null ? "…" : formatDuration(run.endedAt - run.startedAt)),
        align: "right",
      },
    ],
    { mark: (run) => mark(screen, signOf(run)) },
  );
}

/** "late/north (ensemble)"; of a run without a plan nothing. */
function jobOf({ plan }: RunSummary): string | null {
  if (plan === null) return null;
  const kind = plan.trainingType === "ensemble" ? " (ensemble)" : plan.stage === 2 ? " (stage 2)" : "";
  return `${plan.target}/${plan.symbol ?? "CS"}${kind}`;
}

function outcomeOf(run: RunSummary): string {
  if (run.status === "FINISHED") return run.verdict ?? "finished";
  const where = run.stage === null ? "" : ` in ${run.stage}`;
  return `${run.status}${where}`;
}

function signOf(run: RunSummary) {
  if (run.status === "RUNNING") return "active" as const;
  if (run.status === "FAILED") return "bad" as const;
  if (run.status === "KILLED") return "warning" as const;
  return run.verdict === "PROMOTE" ? ("good" as const) : ("note" as const);
}

/** Split, features, model, data contract: "s1 f1 m2 c1". */
function versionsOf(run: RunSummary): string {
  return `s${run.splitVersion} f${run.featureVersion} m${run.modelVersion} c${run.dataContractVersion}`;
}
