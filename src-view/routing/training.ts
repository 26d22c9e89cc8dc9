import type { OperationOutput } from "../../src-core/contract/index.ts";
import { viewName } from "../../src-core/contract/routing/view-name.ts";
import { type Mark, toneOf } from "../labels.ts";
import { counted, formatCount } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { type Column, facts, line, nextSteps, part, report, signed, table, text } from "../shape.ts";
import { formatSeconds, roughDuration } from "../times.ts";
import { relaxedRules } from "./routes.ts";
import { jobKind } from "./training-plan.ts";

type Trained = OperationOutput<"routing.train">;
type Row = Trained["jobs"][number];

export function training(output: Trained): readonly Section[] {
  const asked = output.jobs.filter((job) => job.isAsked);
  return report(
    part(relaxedRules(output.marks)),
    part(jobTable(asked, output.isDryRun)),
    part(...output.notes.map((it) => text(it, { mark: "warning" }))),
    part(trainingFacts(output, output.jobs.length - asked.length)),
    output.isDryRun ? undefined : nextSteps(["signalbox runs list", "signalbox promotion list"]),
  );
}

function trainingFacts(output: Trained, unasked: number): Block | undefined {
  const { counts } = output;
  const left = unasked === 0 ? "" : ` (${unasked} not selected)`;
  return facts([
    ["jobs", `${counts.selected} of ${counts.planned} planned${left}, ${output.atOnce} in parallel`],
    ...(output.isDryRun
      ? ([
          ["estimate", roughDuration(output.estimatedSeconds)],
          ["done", "nothing: --dry-run"],
        ] as const)
      : ([
          [
            "outcome",
            `${counts.trained} trained, ${counts.reused} trained before; ${counts.promoted} promoted, ${counts.held} held, ${counts.rejected} rejected; ${counts.failed} failed, ${counts.skipped} skipped`,
          ],
          [
            "time",
            `${formatSeconds(output.wallSeconds)} elapsed, ${formatSeconds(output.jobSeconds)} in jobs, estimated ${roughDuration(output.estimatedSeconds)}`,
          ],
          ["report", output.file],
        ] as const)),
    ["plan", output.planHash.slice(0, 12)],
  ]);
}

function jobTable(jobs: readonly Row[], isDryRun: boolean): Block | undefined {
  const whatCameOut: readonly Column<Row>[] = [
    { title: "family", value: (it) => it.family ?? "–", shrink: 1, least: 6 },
    { title: "verdict", value: (it) => it.verdict ?? "–", tone: (it) => toneOf(it.verdict) },
    { title: "model", value: modelOf },
    { title: "run", value: (it) => (it.runNumber === null ? "–" : `#${it.runNumber}`) },
    { title: "took", value: (it) => formatSeconds(it.seconds), align: "right" },
  ];
  return table(
    jobs,
    [
      { title: "target", value: (it) => it.target, shrink: 3, least: 10 },
      { title: "segment", value: (it) => viewName(it.symbol), shrink: 2, least: 5 },
      { title: "job", value: (it) => jobKind({ training_type: it.trainingType, stage: it.stage }) },
      {
        title: "state",
        value: (it) => (it.isReused && it.state === "succeeded" ? "trained before" : it.state),
        tone: (it) => toneOf(it.state),
      },
      ...(isDryRun ? [{ title: "where", value: (it: Row) => it.executor }] : whatCameOut),
    ],
    { mark: markOf, below: (it) => it.why },
  );
}

function modelOf(it: Row): string {
  if (it.isPromoted) return `v${it.modelVersion} champion`;
  return it.modelVersion === null ? "–" : `v${it.modelVersion}`;
}

function markOf(row: Row): Mark {
  if (row.state === "succeeded") return "good";
  if (row.state === "failed" || row.state === "out_of_memory" || row.state === "lost") return "bad";
  return row.state === "running" || row.state === "starting" ? "active" : "none";
}

export function trainingQueue(output: OperationOutput<"routing.queue">): readonly Section[] {
  if (output.planHash === null) return report(part(line("No plan was trained yet. Run: signalbox train")));
  const plan = `, plan ${output.planHash.slice(0, 12)}`;
  return report(
    part(output.isWorking ? signed("active", `running${plan}`) : signed("none", `not running${plan}`)),
    part(jobTable(output.jobs, false)),
  );
}

/** Shapes the steps before the training of a whole routing. */
export function wholeRouting(output: OperationOutput<"routing.run">): readonly Section[] {
  const { assessed, plan } = output;
  const routes = Object.entries(output.routes).filter(([, count]) => count > 0);
  return report(
    part(
      facts([
        [
          "evidence",
          `${counted(assessed.results, "result")}, ${formatCount(assessed.reused)} of them reused, in ${formatSeconds(assessed.seconds)}`,
        ],
        ["routes", routes.map(([route, count]) => `${count} ${route}`).join(", ") || "no segments"],
        ["plan", `${counted(plan.jobs, "job")}, ${counted(plan.skipped, "view")} skipped`],
      ]),
    ),
  );
}
