import { describe, expect, test } from "vitest";
import type { QueueRow } from "../../../contract/routing/routing-output.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import { buildTrainingPlan } from "../plan/training-plan.ts";
import { decision, planInput } from "../testing/plan-samples.ts";
import { explainNotSelected } from "./job-filter.ts";
import { newRow } from "./queue-entries.ts";
import { outputOf, reportText } from "./train-report.ts";

const plan = buildTrainingPlan(planInput([decision("late", "STRONG", { AA: "STRONG", "U|A\n`x`": "STRONG" })]));
const [first] = plan.jobs;
if (first === undefined) throw new Error("The plan has no job.");
const row = (more: Partial<QueueRow>, job: PlanJob = first): QueueRow => ({
  ...newRow(job, { state: "succeeded", why: null }),
  ...more,
});
const around = {
  isDryRun: false,
  atOnce: 2,
  wallSeconds: 12.34,
  file: "metrics/routing/training_report.md",
  notes: [],
};

describe("plan against reality", () => {
  test("counts each job by its outcome", () => {
    const { counts } = outputOf(
      plan,
      [
        row({ verdict: "PROMOTE", isPromoted: true, seconds: 3 }),
        row({ verdict: "HOLD", seconds: 2 }),
        row({ verdict: "REJECT", isReused: true }),
        row({ verdict: "INVALID", seconds: 1 }),
        row({ state: "failed", why: "training/failed: one class" }),
        row({ state: "out_of_memory" }),
        row({ state: "lost" }),
        row({ state: "skipped", why: "needs late/CS (x), which failed" }),
        row({ state: "skipped", isAsked: false, why: explainNotSelected({ target: "other" }) }),
        row({ state: "succeeded", isAsked: false, why: explainNotSelected({ target: "other" }) }),
      ],
      around,
    );
    expect(counts).toEqual({
      ...{ planned: 10, selected: 8, trained: 3, reused: 1, promoted: 1, held: 1, rejected: 2, failed: 3, skipped: 1 },
    });
  });

  test("sums estimated and actual times; a job without an estimate leaves no sum", () => {
    const known = [row({ estimatedSeconds: 4, seconds: 3 }), row({ estimatedSeconds: 6, isReused: true })];
    expect(outputOf(plan, known, around)).toMatchObject({ estimatedSeconds: 10, jobSeconds: 3, wallSeconds: 12.34 });
    expect(outputOf(plan, [...known, row({ estimatedSeconds: null })], around).estimatedSeconds).toBeNull();
    const unselected = row({
      estimatedSeconds: null,
      state: "skipped",
      isAsked: false,
      why: explainNotSelected({ stage: 2 }),
    });
    expect(outputOf(plan, [...known, unselected], around).estimatedSeconds).toBe(10);
  });
});

describe("the readable report", () => {
  const rows = plan.jobs.map((job, index) =>
    row({ runNumber: index + 1, family: "ridge", verdict: "HOLD", seconds: 1.25, estimatedSeconds: 2 }, job),
  );
  const text = reportText(plan, outputOf(plan, rows, around));

  test("gives the summary first, then one row per job", () => {
    expect(text).toContain(
      `Plan ${plan.metadata.plan_hash.slice(0, 12)} of 2025-01-01T00:00:00Z: ${rows.length} jobs planned, ${rows.length} selected, ${rows.length} trained, 0 trained before, 0 promoted, ${rows.length} held, 0 rejected, 0 failed, 0 skipped.`,
    );
    expect(text).toContain("12.3 s of wall time with 2 at once.");
    expect(text.match(/^\| late /gm)).toHaveLength(rows.length);
    expect(text.endsWith("|\n")).toBe(true);
  });

  test("is a table of equally many cells whatever names contain", () => {
    const cells = text
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.replaceAll("\\|", "").split("|").length);
    expect(new Set(cells).size).toBe(1);
    expect(cells).toHaveLength(rows.length + 2);
  });

  test("lists jobs that were trained before, promoted, or stopped with a reason", () => {
    const mixed = [
      row({ isReused: true, state: "succeeded" }),
      row({ isPromoted: true, modelVersion: "4" }),
      row({ state: "failed", why: "training/failed: a | b" }),
    ];
    const lines = reportText(plan, outputOf(plan, mixed, around)).split("\n");
    expect(lines.at(-4)).toContain("| trained before |");
    expect(lines.at(-3)).toContain("| version 4 |");
    expect(lines.at(-2)).toContain("| failed | – | – | – | – | – | – | training/failed: a \\| b |");
  });

  test("says under which relaxed rules the plan was made", () => {
    const relaxed = { ...plan, metadata: { ...plan.metadata, marks: ["dev_mode"] } };
    expect(reportText(relaxed, outputOf(plan, rows, around))).toContain("**Made under relaxed rules: dev_mode.**");
    expect(text).not.toContain("relaxed");
  });
});
