import { testMetrics } from "../../src-view/runs/test-metrics.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const evaluationViews: Views = {
  "evaluation.metrics": (output, screen) => paintSections(testMetrics(output), screen),
};
