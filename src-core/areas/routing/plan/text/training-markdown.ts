import { counted } from "../../../../../src-view/numbers.ts";
import type { PlanJob, TrainingPlan } from "../../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../../contract/routing/view-name.ts";
import { markdownCell, markdownHead, markdownRow } from "./markdown-cell.ts";

function hours(value: number | null): string {
  return value === null ? "unknown" : `${value} h`;
}

/** The training plan in readable form: what will be trained, in which order, for how long and why. */
export function trainingPlanMarkdown(plan: TrainingPlan): string {
  const { metadata, summary, jobs, skipped } = plan;
  const { totals } = summary;
  return `${[
    "# Training plan",
    "",
    `Plan ${metadata.plan_hash.slice(0, 12)}, made ${markdownCell(metadata.generated_at)}${metadata.git_commit === null ? "" : ` at commit ${markdownCell(metadata.git_commit)}`}.`,
    ...metadata.marks.map((mark) => `**Made under \`${markdownCell(mark)}\`.**`),
    "",
    `${counted(totals.jobs, "job")} for ${counted(totals.targets, "target")} and ${counted(totals.symbols, "segment")}; CPU ${hours(totals.cpu_hours)}, GPU ${hours(totals.gpu_hours)} estimated.`,
    "",
    ...markdownHead(["by", "value", "jobs"]),
    ...counts("route", summary.by_route),
    ...counts("type", summary.by_type),
    ...counts("priority", summary.by_priority),
    "",
    "## Jobs",
    "",
    "Larger priorities run first. Stage 2 starts when the target's stage 1 has ended.",
    "",
    ...markdownHead(["target", "segment", "type", "stage", "priority", "families", "estimate", "job", "reason"]),
    ...jobs.map(jobRow),
    ...(skipped.length === 0 ? [] : ["", "## Skipped", "", ...markdownHead(["target", "segment", "reason"])]),
    ...skipped.map(({ target, symbol, reason }) => markdownRow([target, viewName(symbol), reason])),
  ].join("\n")}\n`;
}

function counts(by: string, values: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(values).map(([value, jobs]) => markdownRow([by, value, String(jobs)]));
}

function jobRow(job: PlanJob): string {
  return markdownRow([
    job.target,
    viewName(job.symbol),
    job.is_experiment ? `${job.training_type}, experiment` : job.training_type,
    String(job.stage),
    String(job.priority),
    job.model_families.join(", ") || "–",
    job.estimated_seconds === null ? "unknown" : `${job.estimated_seconds} s, ${job.resources.device}`,
    job.job_id,
    job.reason,
  ]);
}
