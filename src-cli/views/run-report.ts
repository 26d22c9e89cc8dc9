import type { RunReport } from "../../src-core/contract/runs.ts";
import { type Mark, mark, styleOf } from "../marks.ts";
import { counted, formatCount, formatDuration } from "../numbers.ts";
import { paint, plain, plainLine, type Screen } from "../screen.ts";
import { facts, table } from "../table.ts";
import { hanging, inner, lines, nextSteps, pad, parts, section, shortDigest, shortRun } from "../text.ts";
import { timeWithAge } from "../times.ts";
import { gateMethod, gateView } from "./gate.ts";
import { byTest, metricMatrix, metricTable, testTitle } from "./metrics.ts";

/** The report of a run: what came out and why, on which rows, with which figures, where everything lies, what to do next. */
export function runReport(report: RunReport, screen: Screen): string {
  const body = inner(screen);
  const metrics = byTest(
    report.metrics,
    report.sides.map((it) => it.name),
  );
  const reference = metrics.filter((it) => it.test === "reference");
  const optional = metrics.filter((it) => it.test !== "reference");
  return parts(
    heading(report, screen),
    section(screen, "Stages", stages(report, body)),
    section(screen, "Data", sides(report, body)),
    section(screen, testTitle("reference", reference[0]?.n ?? 0, ""), metricTable(reference, body)),
    section(screen, "Optional tests", metricMatrix(optional, body)),
    gate(report, screen),
    section(screen, "Record", record(report, body)),
    section(
      screen,
      "Warnings",
      report.warnings.map((it) => `${mark(screen, "warning")} ${warning(it, body)}`).join("\n"),
    ),
    nextSteps(screen, report.nextSteps),
  );
}

function heading(report: RunReport, screen: Screen): string {
  const { run, decision, error } = report;
  const outcome = decision?.gate.verdict ?? run.status;
  const title = `${paint(screen, "bold", `Run #${run.number}`)} ${shortRun(run.runId)}  ${paint(screen, styleOf(outcome), outcome)}`;
  const isUndecided = decision === null && run.status === "FINISHED";
  return parts(
    lines(
      title,
      decision === null ? "" : hanging(screen, "", decision.gate.reason),
      isUndecided ? "Finished without a decision." : "",
      error === null ? "" : failure(error, screen),
    ),
    facts(screen, [
      ["versions", versionsText(run)],
      ["experiment", report.experiment],
      ["started", timeWithAge(run.startedAt, screen.now)],
      ["took", run.endedAt === null ? undefined : formatDuration(run.endedAt - run.startedAt)],
      ["state", outcome === run.status || run.status === "FINISHED" ? undefined : run.status, styleOf(run.status)],
    ]),
  );
}

export function versionsText(run: {
  readonly splitVersion: number;
  readonly featureVersion: number;
  readonly modelVersion: number;
  readonly dataContractVersion: number;
}): string {
  return `split ${run.splitVersion}, features ${run.featureVersion}, model ${run.modelVersion}, data contract ${run.dataContractVersion}`;
}

function failure(error: NonNullable<RunReport["error"]>, screen: Screen): string {
  return lines(
    paint(screen, "red", hanging(screen, "✗ ", error.message)),
    error.hint === null ? "" : hanging(screen, "  ", error.hint),
    paint(screen, "dim", `  ${plainLine(error.code)}`),
  );
}

const stageSigns: Readonly<Record<RunReport["stages"][number]["state"], Mark>> = {
  finished: "good",
  running: "active",
  failed: "bad",
  cancelled: "warning",
  "to do": "none",
};

function stages({ stages: all, decision }: RunReport, screen: Screen): string {
  // The reason of the verdict stands at the top of the report.
  const reason = decision === null ? "" : `: ${decision.gate.reason}`;
  return all
    .map((stage) => {
      const time = stage.seconds === null ? "" : formatDuration(stage.seconds * 1_000);
      const state = stage.state === "finished" ? "" : stage.state;
      const lead = `  ${pad(stage.stage, 8)} ${pad(time, 11, "right")}  `;
      const text = [state, (stage.note ?? "").replace(reason, "")].filter((it) => it !== "").join(": ");
      return `${mark(screen, stageSigns[stage.state])}${hanging(screen, lead, text).slice(1)}`.trimEnd();
    })
    .join("\n");
}

function sides(report: RunReport, screen: Screen): string {
  return lines(
    table(screen, report.sides, [
      { title: "side", value: (it) => it.name, shrink: 1, least: 14 },
      { title: "rows", value: (it) => formatCount(it.rows), align: "right" },
      { title: "sha256", value: (it) => shortDigest(it.sha256) },
      { title: "rows digest", value: (it) => shortDigest(it.rowDigest) },
    ]),
    report.sides.length === 0
      ? ""
      : paint(
          screen,
          "dim",
          hanging(screen, "", "sha256: of the file; rows digest: of its rows in key order, whatever wrote them."),
        ),
  );
}

function gate({ decision }: RunReport, screen: Screen): string {
  if (decision === null) return "";
  const { verdict, rows, ...how } = decision.gate;
  const body = inner(screen);
  return section(screen, `Gate: ${verdict}`, lines(gateView(rows, body), gateMethod(how, body)));
}

function record(report: RunReport, screen: Screen): string {
  const { decision } = report;
  const versioned = report.versioned.map((it) => `${it.path}  ${shortDigest(it.hash)}`);
  return facts(screen, [
    ["ledger", decision === null ? undefined : `entry ${decision.ledgerIndex}, ${shortDigest(decision.ledgerHash)}`],
    ["model", decision === null ? undefined : modelText(decision)],
    ["reference", decision === null ? undefined : `looked at ${counted(decision.referenceReads, "time")} so far`],
    ["MLflow", report.mlflowUrl ?? undefined],
    ["files", plain(`${report.runFolder}/`)],
    ...report.sides.map((it, index) => [index === 0 ? "data" : "", it.path] as const),
    ...versioned.map((it, index) => [index === 0 ? "versioned" : "", it] as const),
  ]);
}

function modelText(decision: NonNullable<RunReport["decision"]>): string {
  const { modelName, modelVersion, productionBefore, isAliasMoved } = decision;
  const before = productionBefore === null ? "none" : `version ${productionBefore.version}`;
  const name = `${modelName} version ${modelVersion}`;
  if (isAliasMoved) return `${name}, now champion (before: ${before})`;
  return productionBefore === null ? `${name}; there is no champion` : `${name}; ${before} stays champion`;
}

function warning(text: string, screen: Screen): string {
  return hanging(screen, "  ", text).slice(2);
}
