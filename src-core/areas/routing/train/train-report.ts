import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import { formatSeconds, roughDuration } from "../../../../src-view/times.ts";
import type { QueueRow, TrainOutput } from "../../../contract/routing/routing-output.ts";
import type { TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import { writeFileDurable, writeJsonDurable } from "../../../foundation/files/durable.ts";
import { parseAddress } from "../../../foundation/mlflow/http/address.ts";
import { noteDelivered, noteFailed } from "../../outbox/note-attempt.ts";
import { putItem } from "../../outbox/store.ts";
import type { RoutingCore } from "../needs.ts";
import { markdownCell } from "../plan/text/markdown-cell.ts";
import { sendSummary, summaryItem } from "./plan-summary.ts";

interface Around {
  readonly isDryRun: boolean;
  readonly atOnce: number;
  readonly wallSeconds: number;
  readonly file: string | null;
  readonly notes: readonly string[];
}

/** Compares plan and reality, as an operation's output. */
export function outputOf(plan: TrainingPlan, jobs: readonly QueueRow[], it: Around): TrainOutput {
  const selected = jobs.filter((row) => row.isAsked);
  const count = (isCounted: (row: QueueRow) => boolean) => selected.filter(isCounted).length;
  const estimates = selected.map((row) => row.estimatedSeconds);
  const isDone = (row: QueueRow) => row.state === "succeeded";
  return {
    isDryRun: it.isDryRun,
    planHash: plan.metadata.plan_hash,
    marks: plan.metadata.marks,
    file: it.file,
    counts: {
      planned: jobs.length,
      selected: selected.length,
      trained: count((row) => isDone(row) && !row.isReused),
      reused: count((row) => row.isReused),
      promoted: count((row) => row.isPromoted),
      held: count((row) => isDone(row) && row.verdict === "HOLD"),
      rejected: count((row) => isDone(row) && (row.verdict === "REJECT" || row.verdict === "INVALID")),
      failed: count((row) => ["failed", "out_of_memory", "lost", "cancelled"].includes(row.state)),
      skipped: count((row) => row.state === "skipped"),
    },
    estimatedSeconds: estimates.includes(null) ? null : estimates.reduce<number>((sum, it) => sum + (it ?? 0), 0),
    jobSeconds: jobs.reduce((sum, row) => sum + (row.seconds ?? 0), 0),
    wallSeconds: it.wallSeconds,
    atOnce: it.atOnce,
    jobs: [...jobs],
    notes: [...it.notes],
  };
}

/** Writes the report as Markdown and JSON beside the routing plan, and the summary as tags of the project's experiment in MLflow. */
export async function publishReport(
  core: Pick<RoutingCore, "catalogue" | "clock" | "ownership" | "project" | "tracking">,
  it: {
    readonly plan: TrainingPlan;
    readonly rows: readonly QueueRow[];
    readonly atOnce: number;
    readonly wallSeconds: number;
    readonly trackingUri: string | undefined;
  },
): Promise<TrainOutput> {
  const project = core.project();
  const { paths } = project;
  const file = path.join(paths.routing, "training_report.md");
  const around = { isDryRun: false, atOnce: it.atOnce, wallSeconds: it.wallSeconds, notes: [] as string[] };
  const made = { ...around, file: path.relative(paths.root, file) };
  const notes = await tagExperiment(core, outputOf(it.plan, it.rows, made), it.trackingUri);
  const output = outputOf(it.plan, it.rows, { ...made, notes });
  writeFileDurable(file, reportText(it.plan, output));
  writeJsonDurable(path.join(paths.routing, "training_report.json"), output);
  return output;
}

/** If the server can't take the summary now, it waits in the outbox. */
async function tagExperiment(
  core: Pick<RoutingCore, "catalogue" | "clock" | "ownership" | "project" | "tracking">,
  output: TrainOutput,
  flag: string | undefined,
): Promise<string[]> {
  const { experiment } = core.project();
  const server = flag === undefined ? null : parseAddress(flag).uri;
  const item = summaryItem(output, { experiment, server, putAt: core.clock.now().getTime() });
  const put = core.catalogue().write((writer) => putItem(writer, item));
  try {
    await sendSummary(core, await core.tracking({ flag }), item);
    noteDelivered(core, put);
    return [];
  } catch (error) {
    noteFailed(core, put, error);
    return [`The summary wasn't sent to MLflow: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The report for people: one line about the whole, then a row for each job. */
export function reportText(plan: TrainingPlan, output: TrainOutput): string {
  const { counts } = output;
  const rows = output.jobs.map((row) =>
    [
      markdownCell(row.target),
      markdownCell(viewName(row.symbol)),
      row.trainingType,
      row.stage,
      row.route,
      row.state === "succeeded" && row.isReused ? "trained before" : row.state,
      markdownCell(row.family ?? "–"),
      row.verdict ?? "–",
      row.isPromoted ? `version ${row.modelVersion}` : "–",
      row.runNumber === null ? "–" : `#${row.runNumber}`,
      roughDuration(row.estimatedSeconds),
      formatSeconds(row.seconds),
      markdownCell(row.why ?? ""),
    ].join(" | "),
  );
  return `${[
    "# Training report",
    "",
    `Plan ${output.planHash.slice(0, 12)} of ${plan.metadata.generated_at}: ${counted(counts.planned, "job")} planned, ${counts.selected} selected, ` +
      `${counts.trained} trained, ${counts.reused} trained before, ${counts.promoted} promoted, ${counts.held} held, ${counts.rejected} rejected, ` +
      `${counts.failed} failed, ${counts.skipped} skipped.`,
    "",
    `Estimated ${roughDuration(output.estimatedSeconds)} over all jobs; ${formatSeconds(output.jobSeconds)} in jobs, ${formatSeconds(output.wallSeconds)} of wall time with ${output.atOnce} at once.`,
    ...(plan.metadata.marks.length === 0
      ? []
      : ["", `**Made under relaxed rules: ${plan.metadata.marks.join(", ")}.**`]),
    "",
    "| target | segment | type | stage | route | state | family | verdict | promoted | run | estimated | took | why |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n")}\n`;
}
