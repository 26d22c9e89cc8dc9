import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder } from "../../../../test/support/split-project.ts";
import type { ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import { candidateSchema } from "../../../contract/routing/routing-plans.ts";
import { familyEvidence, viewEvidence } from "../testing/plan-samples.ts";
import { candidateOf, evidenceFile, readEvidence, writeEvidence } from "./evidence-table.ts";
import { viewKey } from "./view-key.ts";

const made = { generatedAt: "2025-01-01T00:00:00Z", gitCommit: "abc1234" };
const failed = familyEvidence("trees", { score: null, error: { code: "training/failed", message: "no" } });
const measured: ViewEvidence = {
  ...viewEvidence([familyEvidence("ridge"), failed]),
  symbol: "UA",
  score_low: 0.5,
  score_high: 0.7,
  effective_sample_size: 40,
};

describe("the evidence of an assessment", () => {
  test("is read back by target and segment as it was written", () => {
    const folder = newFolder();
    const pooled = { ...measured, symbol: null };
    writeEvidence(folder, { ...made, marks: [], views: [measured, pooled] });
    const read = readEvidence(folder);
    expect(read.get(viewKey("t", "UA"))).toEqual(measured);
    expect(read.get(viewKey("t", null))).toEqual(pooled);
    expect(read.size).toBe(2);
  });

  test("of a segment is never confused with that of another target", () => {
    const folder = newFolder();
    const views = [
      { ...measured, target: "a", symbol: "b/c" },
      { ...measured, target: "a/b", symbol: "c" },
      { ...measured, target: "a", symbol: "CS" },
      { ...measured, target: "a", symbol: "" },
      { ...measured, target: "a", symbol: null },
    ];
    writeEvidence(folder, { ...made, marks: [], views });
    expect(readEvidence(folder).size).toBe(5);
    for (const view of views) expect(readEvidence(folder).get(viewKey(view.target, view.symbol))).toEqual(view);
  });

  test("that is missing or damaged is empty", () => {
    const folder = newFolder();
    expect(readEvidence(folder).size).toBe(0);
    mkdirSync(folder, { recursive: true });
    writeFileSync(evidenceFile(folder), '{"schema": 1, "views": [');
    expect(readEvidence(folder).size).toBe(0);
    writeFileSync(path.join(folder, "evidence.json"), '{"schema": 2}');
    expect(readEvidence(folder).size).toBe(0);
  });
});

describe("a view's row of the candidate table", () => {
  const row = (view: ViewEvidence, metric: "r2" | "roc_auc" = "roc_auc") => candidateOf(view, { metric, ...made });

  test("contains what was measured", () => {
    const candidate = row(measured);
    expect(candidateSchema.parse(candidate)).toEqual(candidate);
    expect(candidate).toMatchObject({
      ...{ target: "t", symbol: "UA", mode: "SYMBOL_SPECIFIC", score: 0.6, score_ci_low: 0.5, score_ci_high: 0.7 },
      ...{ metric_name: "roc_auc", task_type: "classification", stability: "STABLE", leakage_status: "SAFE" },
      ...{ sample_size: 100, effective_sample_size: 40, feature_set_id: "features-1", git_commit: "abc1234" },
      ...{ successful_model_families: 1, failed_model_families: 1, model_status: "OK" },
    });
  });

  test("is cross-sectional without a segment, and a regression by R²", () => {
    expect(row({ ...measured, symbol: null }, "r2")).toMatchObject({
      mode: "CROSS_SECTIONAL",
      metric_name: "r2",
      task_type: "regression",
    });
  });

  test("failed if there is no score; 0 is a score", () => {
    expect(row({ ...measured, score: null, families: [failed] })).toMatchObject({
      model_status: "FAILED",
      successful_model_families: 0,
    });
    expect(row({ ...measured, score: 0 }).model_status).toBe("OK");
  });

  test("has a digest of the results, not of the time they took", () => {
    const digest = (view: ViewEvidence) => row(view).evidence_digest;
    const slower = {
      ...measured,
      families: [familyEvidence("ridge", { fit_seconds: [9], peak_memory_bytes: 1 }), failed],
    };
    expect(digest(slower)).toBe(digest(measured));
    expect(candidateOf(measured, { metric: "r2", generatedAt: "later", gitCommit: null }).evidence_digest).toBe(
      digest(measured),
    );
    for (const other of [{ score: 0.61 }, { rows: 101 }, { families: [failed] }, { stability: "DRIFTING" as const }])
      expect(digest({ ...measured, ...other })).not.toBe(digest(measured));
  });
});
