import { existsSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { type ViewEvidence, viewEvidenceSchema } from "../../../contract/routing/routing-evidence.ts";
import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { readText, writeJsonDurable } from "../../../foundation/files/durable.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { viewKey } from "./view-key.ts";

/** `metrics/routing/evidence.json`: everything that the candidate table is derived from. */
const evidenceFileSchema = z.object({
  schema: z.literal(1),
  generated_at: z.string(),
  git_commit: z.string().nullable(),
  /** Relaxed rules of the current policy. */
  marks: z.array(z.string()).default([]),
  views: z.array(viewEvidenceSchema),
});

export const evidenceFile = (routing: string): string => path.join(routing, "evidence.json");

export function writeEvidence(
  routing: string,
  it: {
    readonly generatedAt: string;
    readonly gitCommit: string | null;
    readonly marks: readonly string[];
    readonly views: readonly ViewEvidence[];
  },
): void {
  writeJsonDurable(evidenceFile(routing), {
    schema: 1,
    generated_at: it.generatedAt,
    git_commit: it.gitCommit,
    marks: it.marks,
    views: it.views,
  });
}

/** By `viewKey`; empty if nothing was assessed here (the candidates came from elsewhere) or the file is damaged. */
export function readEvidence(routing: string): ReadonlyMap<string, ViewEvidence> {
  const file = evidenceFile(routing);
  if (!existsSync(file)) return new Map();
  try {
    const { views } = evidenceFileSchema.parse(JSON.parse(readText(file)));
    return new Map(views.map((view) => [viewKey(view.target, view.symbol), view]));
  } catch {
    return new Map();
  }
}

/** Figures about the time it took, not about the result, aren't part of what a candidate is based on. */
function evidenceDigest(view: ViewEvidence): string {
  const families = view.families.map(({ fit_seconds: _, peak_memory_bytes: __, ...family }) => family);
  return sha256(canonicalJson({ ...view, families }));
}

/** The candidate table's row of a view. */
export function candidateOf(
  view: ViewEvidence,
  it: { readonly metric: "r2" | "roc_auc"; readonly generatedAt: string; readonly gitCommit: string | null },
): Candidate {
  const failed = view.families.filter((family) => family.error !== null);
  return {
    target: view.target,
    symbol: view.symbol,
    mode: view.symbol === null ? "CROSS_SECTIONAL" : "SYMBOL_SPECIFIC",
    score: view.score,
    score_ci_low: view.score_low,
    score_ci_high: view.score_high,
    metric_name: it.metric,
    task_type: it.metric === "r2" ? "regression" : "classification",
    stability: view.stability,
    stability_metrics: view.stability_metrics,
    sample_size: view.rows,
    effective_sample_size: view.effective_sample_size,
    leakage_status: view.leakage_status,
    feature_set_id: view.feature_set_id,
    successful_model_families: view.families.length - failed.length,
    failed_model_families: failed.length,
    model_status: view.score === null ? "FAILED" : "OK",
    timestamp: it.generatedAt,
    git_commit: it.gitCommit,
    evidence_digest: evidenceDigest(view),
  };
}
