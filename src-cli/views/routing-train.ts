import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Mark, mark, marked, styleOf } from "../marks.ts";
import { counted, formatCount } from "../numbers.ts";
import type { Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { lines, parts, section } from "../text.ts";
import type { Render } from "../view.ts";
import { jobKind } from "./routing-plan.ts";
import { marksLine } from "./routing-routes.ts";

type Trained = OperationOutput<"routing.train">;
type Row = Trained["jobs"][number];

export function trainView(output: Trained, screen: Screen): string {
  const { counts } = output;
  const asked = output.jobs.filter((job) => job.isAsked);
  const unasked = output.jobs.length - asked.length;
  return parts(
    marksLine(output.marks, screen),
    jobTable(asked, screen, output.isDryRun),
    output.notes.map((note) => marked(screen, "warning", note)).join("\n"),
    facts(screen, [
      [
        "jobs",
        `${counts.selected} of ${counts.planned} planned${unasked === 0 ? "" : ` (${unasked} not asked for)`}, ${output.atOnce} at once`,
      ],
      ...(output.isDryRun
        ? ([
            ["estimate", seconds(output.estimatedSeconds)],
            ["done", "nothing: --dry-run"],
          ] as const)
        : ([
            [
              "outcome",
              `${counts.trained} trained, ${counts.reused} trained before; ${counts.promoted} promoted, ${counts.held} held, ${counts.rejected} rejected; ${counts.failed} failed, ${counts.skipped} skipped`,
            ],
            [
              "time",
              `${seconds(output.wallSeconds)} on the clock, ${seconds(output.jobSeconds)} in jobs, estimated ${seconds(output.estimatedSeconds)}`,
            ],
            ["report", output.file],
          ] as const)),
      ["plan", output.planHash.slice(0, 12)],
    ]),
    output.isDryRun
      ? ""
      : section(screen, "Next", lines("signalbox runs list", "signalbox promotion list", "signalbox plan diff")),
  );
}

function jobTable(jobs: readonly Row[], screen: Screen, isDryRun: boolean): string {
  return table(
    screen,
    jobs,
    [
      { title: "target", value: (it) => it.target, shrink: 3, least: 10 },
      { title: "segment", value: (it) => it.symbol ?? "CS", shrink: 2, least: 5 },
      { title: "job", value: (it) => jobKind({ training_type: it.trainingType, stage: it.stage }) },
      {
        title: "state",
        value: (it) => (it.isReused && it.state === "succeeded" ? "trained before" : it.state),
        style: (it) => styleOf(it.state),
      },
      ...(isDryRun
        ? [{ title: "where", value: (it: Row) => it.executor }]
        : [
            { title: "family", value: (it: Row) => it.family ?? "–", shrink: 1, least: 6 },
            { title: "verdict", value: (it: Row) => it.verdict ?? "–", style: (it: Row) => styleOf(it.verdict) },
            {
              title: "model",
              value: (it: Row) =>
                it.isPromoted ? `v${it.modelVersion} champion` : it.modelVersion === null ? "–" : `v${it.modelVersion}`,
            },
            { title: "run", value: (it: Row) => (it.runNumber === null ? "–" : `#${it.runNumber}`) },
            { title: "took", value: (it: Row) => seconds(it.seconds), align: "right" as const },
          ]),
    ],
    { mark: (it) => mark(screen, signOf(it)), below: (it) => it.why },
  );
}

function signOf(row: Row): Mark {
  if (row.state === "succeeded") return "good";
  if (row.state === "failed" || row.state === "out_of_memory" || row.state === "lost") return "bad";
  return row.state === "running" || row.state === "starting" ? "active" : "none";
}

const seconds = (value: number | null): string => (value === null ? "–" : `${value.toFixed(1)} s`);

export function queueView(output: OperationOutput<"routing.queue">, screen: Screen): string {
  if (output.planHash === null) return "No plan was trained yet: signalbox train";
  const state = output.isWorking ? `${mark(screen, "active")} at work` : `${mark(screen, "none")} nobody works on it`;
  return parts(`${state}, plan ${output.planHash.slice(0, 12)}`, jobTable(output.jobs, screen, false));
}

export async function routingRunView(
  output: OperationOutput<"routing.run">,
  screen: Screen,
  render: Render,
): Promise<string> {
  const routes = Object.entries(output.routes).filter(([, count]) => count > 0);
  return parts(
    facts(screen, [
      [
        "evidence",
        `${counted(output.assessed.results, "result")}, ${formatCount(output.assessed.reused)} of them reused, in ${seconds(output.assessed.seconds)}`,
      ],
      ["routes", routes.map(([route, count]) => `${count} ${route}`).join(", ") || "no segments"],
      ["plan", `${counted(output.plan.jobs, "job")}, ${output.plan.skipped} views skipped`],
    ]),
    await render("routing.train", output.training),
  );
}
