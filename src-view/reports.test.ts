import { describe, expect, it } from "vitest";
import { recorded, recordedNow } from "../test/support/recorded.ts";
import { gateBlock } from "./gate.ts";
import { environments } from "./project/environments.ts";
import { longOperation, longOperations } from "./project/long-operations.ts";
import { newProject } from "./project/new-project.ts";
import { splitReport } from "./project/split-report.ts";
import { ledgerEntry } from "./records/ledger-entries.ts";
import { lineageTree } from "./records/lineage-tree.ts";
import { routeMatrix } from "./routing/routes.ts";
import { training } from "./routing/training.ts";
import { projectStatus } from "./runs/project-status.ts";
import { comparedRuns, shownValue } from "./runs/run-comparison.ts";
import { runPlan } from "./runs/run-plan.ts";
import { runReport } from "./runs/run-report.ts";
import type { Section } from "./section.ts";

const titles = (sections: readonly Section[]) => sections.map((it) => it.title ?? "");
const blockOf = (sections: readonly Section[], title: string, kind: string) =>
  sections.find((it) => it.title === title)?.blocks.find((it) => it.kind === kind);

describe("the report of a run", () => {
  const report = runReport(recorded("runs.show"), recordedNow);

  it("has its sections in the usual order", () => {
    expect(titles(report)).toEqual([
      "",
      "",
      "Stages",
      "Data",
      "Reference test (77 rows)",
      "Gate: HOLD",
      "Record",
      "Next",
    ]);
  });

  it("is only data, so it can be sent to any face", () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("shows the outcome as a word with a tone", () => {
    const [heading] = report[0]?.blocks ?? [];
    expect(heading?.kind === "line" && heading.spans.at(-1)).toEqual({ text: "HOLD", tone: "caution" });
  });

  it("names each stage with its mark", () => {
    const block = blockOf(report, "Stages", "stages");
    expect(block?.kind === "stages" && block.stages.map((it) => `${it.mark} ${it.name}`)).toEqual(
      ["resolve", "start", "split", "version", "train", "evaluate", "decide"].map((stage) => `good ${stage}`),
    );
  });
});

describe("an operation that waits for credentials", () => {
  const textOf = (sections: readonly Section[]) => JSON.stringify(sections);

  it("is listed as such, with how to give them and whose it is", () => {
    const [row] = recorded("operations.list").operations;
    if (row === undefined) return expect.fail("no operation");
    const waiting = { ...row, state: "queued", needsCredentials: true } as const;
    const place = { commandOf: () => "data push", now: recordedNow };
    const [list, before] = [textOf(longOperations([waiting], place)), textOf(longOperations([row], place))];
    for (const it of ["needs credentials", "Follow it where the credentials are set", row.actor])
      expect(list).toContain(it);
    expect(before).not.toContain("credentials");
    expect(JSON.stringify(longOperation(waiting, place))).toContain("needs credentials");
  });

  it("is named by the status of the project", () => {
    const one = { id: "op4", operation: "data.push", runId: null, sinceMs: 5000, needsCredentials: true };
    const status = { ...recorded("runs.status"), working: [one] };
    const place = { commandOf: () => "data push", now: recordedNow };
    expect(textOf(projectStatus(status, place))).toContain("data push needs credentials, for 5.0 s");
  });
});

describe("the gate", () => {
  const { decision } = recorded("runs.show");
  const gate = gateBlock(decision?.gate.rows ?? []);

  it("separates comparisons from conditions", () => {
    if (gate.kind !== "gate") return expect.fail("no gate");
    expect(new Set(gate.lines.map((it) => it.role))).toEqual(new Set(["validity"]));
    expect(gate.comparisons.map((it) => `${it.mark} ${it.role}`)).toEqual(["unclear primary", "unclear guardrail"]);
  });

  it("gives both sides of a comparison the same decimals", () => {
    const decimals = (figure = "") => figure.split(".")[1]?.length;
    if (gate.kind !== "gate") return expect.fail("no gate");
    for (const { figures } of gate.comparisons) expect(decimals(figures[0])).toBe(decimals(figures[1]));
  });

  it("has a line for each threshold if there is nothing to compare with", () => {
    const started = recorded("runs.start");
    if ("isDryRun" in started) return expect.fail("a dry run");
    const first = gateBlock(started.decision?.gate.rows ?? []);
    expect(first.kind === "gate" && first.comparisons).toEqual([]);
  });
});

describe("reports", () => {
  it("omit what is empty", () => {
    const { warnings, skipped } = recorded("splits.show");
    expect([warnings, skipped]).toEqual([[], []]);
    expect(titles(splitReport(recorded("splits.show")))).toEqual(["", "Sides", "Rows of the master table", "Checks"]);
    expect(titles(environments({ folder: "/e", environments: [] }, recordedNow))).toEqual([""]);
  });

  it("end with what to do next", () => {
    const plan = recorded("runs.start", "dry-run");
    if (!("isDryRun" in plan)) return expect.fail("no dry run");
    for (const sections of [
      runPlan(plan),
      newProject(recorded("projects.init")),
      ledgerEntry(recorded("ledger.show").entry, recordedNow),
      training(recorded("routing.train")),
    ]) {
      const last = sections.at(-1);
      expect(last?.title).toBe("Next");
      expect(last?.blocks.map((it) => it.kind)).toEqual(["steps"]);
    }
  });
});

describe("lineage", () => {
  it("expands a shared node below its first parent, and only names it below the others", () => {
    const tree = lineageTree(recorded("lineage.show"));
    const all = tree?.ways.flatMap((way) => way.lines) ?? [];
    expect(tree?.ways.map((way) => way.title)).toEqual(["comes from", "led to"]);
    expect(all.length).toBeGreaterThan(5);
    expect(all.every((line) => /^[│├└─ ]+$/.test(line.branch))).toBe(true);
  });
});

describe("a comparison of runs", () => {
  it("shows the bounds of a metric in its row", () => {
    const compared = comparedRuns(recorded("runs.compare"));
    const metrics = compared?.groups.find((it) => it.title === "Metrics")?.rows ?? [];
    const rmse = metrics.find((row) => row.key === "reference_rmse");
    expect(rmse?.values[0]).toMatch(/^\d+\.\d+ \[\d+\.\d+, \d+\.\d+\]$/);
    expect(metrics.some((row) => /_(low|high)$/.test(row.key))).toBe(false);
  });

  it("keeps the value if there is no room for its interval", () => {
    expect(shownValue("4.528 [3.748, 5.301]", 12)).toBe("4.528");
  });
});

describe("the matrix of routes", () => {
  it("has a sign for each segment, and counts the segments of each sign", () => {
    const output = recorded("routing.show");
    const { segments, targets, legend } = routeMatrix(output);
    expect(segments).toEqual(["app", "phone", "web"]);
    expect(targets.map((it) => it.signs.length)).toEqual([3]);
    expect(legend.reduce((sum, it) => sum + it.count, 0)).toBe(
      Object.values(output.counts).reduce((sum, count) => sum + count, 0),
    );
  });
});
