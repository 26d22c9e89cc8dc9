import type { RunReport } from "../../src-core/contract/runs.ts";
import { projectStatus } from "../../src-view/runs/project-status.ts";
import { reproduction } from "../../src-view/runs/reproduction.ts";
import { runsFound } from "../../src-view/runs/run-list.ts";
import { runCancelled, runLogs } from "../../src-view/runs/run-output.ts";
import { runPlan } from "../../src-view/runs/run-plan.ts";
import { runReport } from "../../src-view/runs/run-report.ts";
import { paintSections } from "../paint-sections.ts";
import type { Screen } from "../screen.ts";
import type { Views } from "../view.ts";
import { runComparison } from "./run-comparison.ts";

const report = (output: RunReport, screen: Screen) => paintSections(runReport(output, screen.now), screen);

export const runsViews: Views = {
  "runs.start": (output, screen) =>
    "isDryRun" in output ? paintSections(runPlan(output), screen) : report(output, screen),
  "runs.stage": report,
  "runs.resume": report,
  "runs.show": report,
  "runs.status": async (output, screen) => {
    // The commands of all operations are many declarations to load, and mostly nothing is at work.
    const { commandOf } = output.working.length === 0 ? { commandOf: String } : await import("./operations.ts");
    return paintSections(projectStatus(output, { commandOf, now: screen.now }), screen);
  },
  "runs.compare": runComparison,
  "runs.reproduce": (output, screen) => paintSections(reproduction(output), screen),
  "runs.list": (output, screen) => paintSections(runsFound(output, screen.now), screen),
  "runs.cancel": (output, screen) => paintSections(runCancelled(output), screen),
  "runs.logs": (output, screen) => paintSections(runLogs(output), screen),
};
