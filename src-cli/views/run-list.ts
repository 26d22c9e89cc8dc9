import type { RunSummary } from "../../src-core/contract/runs.ts";
import { mark, styleOf } from "../marks.ts";
import { formatDuration, formatNumber } from "../numbers.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { shortRun } from "../text.ts";
import { ageOf } from "../times.ts";

/** Runs one a line, newest first. */
export function runList(runs: readonly RunSummary[], screen: Screen): string {
  const metric = runs.find((run) => run.primary !== null)?.primary?.metric;
  const primary: readonly Column<RunSummary>[] =
    metric === undefined
      ? []
      : [
          {
            title: metric,
            value: (run) => (run.primary?.value == null ? null : formatNumber(run.primary.value)),
            align: "right",
          },
        ];
  return table(
    screen,
    runs,
    [
      { title: "run", value: (run) => `#${run.number}`, align: "right" },
      { title: "id", value: (run) => shortRun(run.runId) },
      { title: "outcome", value: outcomeOf, style: (run) => styleOf(run.verdict ?? run.status), shrink: 1, least: 10 },
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
