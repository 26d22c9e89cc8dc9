import type { RunReport } from "../../src-core/contract/runs.ts";
import { gateBlock, gateMethod } from "../gate.ts";
import { type Mark, toneOf } from "../labels.ts";
import { shortDigest, shortRun, verdictText, versionsText } from "../names.ts";
import { counted, formatCount } from "../numbers.ts";
import type { Block, Section, StageLine } from "../section.ts";
import { facts, line, nextSteps, note, part, report, section, stages, table, text, toned } from "../shape.ts";
import { formatDuration, timeWithAge } from "../times.ts";
import { metricMatrix, metricTable, testTitle } from "./metrics.ts";

/** Shapes the report of a run: the outcome and its reason, the rows, the metrics, where everything is, and what to do next. */
export function runReport(run: RunReport, now: number): readonly Section[] {
  const reference = run.metrics.filter((it) => it.test === "reference");
  const optional = run.metrics.filter((it) => it.test !== "reference");
  return report(
    heading(run),
    part(runFacts(run, now)),
    section("Stages", stages(stageLines(run))),
    section("Data", ...sides(run)),
    section(testTitle("reference", reference[0]?.n ?? 0), ...metricTable(reference)),
    section("Optional tests", ...metricMatrix(optional)),
    gate(run),
    section("Record", record(run)),
    section("Warnings", ...run.warnings.map((it) => text(it, { mark: "warning" }))),
    nextSteps(run.nextSteps),
  );
}

/** Returns the verdict, or the status of the run if there is no decision. */
function outcomeOf({ run, decision }: RunReport): string {
  return decision?.gate.verdict ?? run.status;
}

function heading(it: RunReport): Section | undefined {
  const { run, decision, error } = it;
  const outcome = outcomeOf(it);
  const isExperiment = decision !== null && run.plan?.isExperiment === true;
  const shown = toned(verdictText(outcome, isExperiment), isExperiment ? "quiet" : toneOf(outcome));
  return part(
    line(toned(`Run #${run.number}`, "strong"), ` ${shortRun(run.runId)}  `, shown),
    text(decision?.gate.reason),
    isExperiment ? text("An experiment of a training plan: its model is never promoted.", { mark: "note" }) : undefined,
    decision === null && run.status === "FINISHED" ? line("Finished without a decision.") : undefined,
    ...(error === null ? [] : failure(error)),
  );
}

function failure(error: NonNullable<RunReport["error"]>): readonly (Block | undefined)[] {
  return [
    text(error.message, { lead: "✗ ", tone: "bad" }),
    text(error.hint, { lead: "  " }),
    line(toned(`  ${error.code}`, "quiet")),
  ];
}

function runFacts(it: RunReport, now: number): Block | undefined {
  const { run } = it;
  const isSaid = outcomeOf(it) === run.status || run.status === "FINISHED";
  return facts([
    ["versions", versionsText(run)],
    ["experiment", it.experiment],
    ["positive class", it.positiveClass ?? undefined],
    ["started", timeWithAge(run.startedAt, now)],
    ["took", run.endedAt === null ? undefined : formatDuration(run.endedAt - run.startedAt)],
    ["state", isSaid ? undefined : run.status, toneOf(run.status)],
  ]);
}

const stageMarks: Readonly<Record<RunReport["stages"][number]["state"], Mark>> = {
  finished: "good",
  running: "active",
  failed: "bad",
  cancelled: "warning",
  "to do": "none",
};

function stageLines({ stages: all, decision }: RunReport): readonly StageLine[] {
  return all.map((stage) => {
    const state = stage.state === "finished" ? "" : stage.state;
    // The reason for the verdict is already at the top of the report.
    const text = stage.stage === "decide" && decision !== null ? decision.gate.verdict : (stage.note ?? "");
    return {
      mark: stageMarks[stage.state],
      name: stage.stage,
      time: stage.seconds === null ? "" : formatDuration(stage.seconds * 1_000),
      text: [state, text].filter((it) => it !== "").join(": "),
    };
  });
}

function sides({ sides: all }: RunReport): readonly (Block | undefined)[] {
  if (all.length === 0) return [];
  return [
    table(all, [
      { title: "side", value: (it) => it.name, shrink: 1, least: 14 },
      { title: "rows", value: (it) => formatCount(it.rows), align: "right" },
      { title: "sha256", value: (it) => shortDigest(it.sha256) },
      { title: "rows digest", value: (it) => shortDigest(it.rowDigest) },
    ]),
    note("sha256: of the file; rows digest: of its rows in key order, whichever program wrote them."),
  ];
}

function gate({ decision }: RunReport): Section | undefined {
  if (decision === null) return undefined;
  const { verdict, rows, ...how } = decision.gate;
  return section(`Gate: ${verdict}`, gateBlock(rows), note(gateMethod(how)));
}

function record(it: RunReport): Block | undefined {
  const { decision } = it;
  const versioned = it.versioned.map(({ path, hash }) => `${path}  ${shortDigest(hash)}`);
  return facts([
    ["ledger", decision === null ? undefined : `entry ${decision.ledgerIndex}, ${shortDigest(decision.ledgerHash)}`],
    ["model", decision === null ? undefined : modelText(decision)],
    ["reference", decision === null ? undefined : `read ${counted(decision.referenceReads, "time")} so far`],
    ["MLflow", it.mlflowUrl ?? undefined],
    ["files", `${it.runFolder}/`],
    ...it.sides.map(({ path }, index) => [index === 0 ? "data" : "", path] as const),
    ...versioned.map((path, index) => [index === 0 ? "versioned" : "", path] as const),
  ]);
}

function modelText(decision: NonNullable<RunReport["decision"]>): string {
  const { modelName, modelVersion, productionBefore, isAliasMoved } = decision;
  const before = productionBefore === null ? "none" : `version ${productionBefore.version}`;
  const name = `${modelName} version ${modelVersion}`;
  if (isAliasMoved) return `${name}, now champion (previously ${before})`;
  return productionBefore === null ? `${name}; there is no champion` : `${name}; ${before} stays champion`;
}
