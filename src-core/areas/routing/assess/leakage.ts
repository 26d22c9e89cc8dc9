import type { LeakFinding } from "../../../contract/routing/routing-evidence.ts";
import type { Leakage } from "../../../contract/routing/routing-plans.ts";
import type { SingleFeature } from "./evidence-files.ts";

/**
 * Three detectors of leaking features. Their limits are judgements, not laws: a single honest feature hardly ever ranks 98 %
 * of all pairs of rows correctly, and a score above 0.99 on data about people is more often a mistake than a discovery.
 */
const leakLimits = {
  roc_auc: { blocked: 0.98, suspect: 0.95, implausible: 0.99 },
  r2: { blocked: 0.98, suspect: 0.95, implausible: 0.98 },
  /** Rows without the value are almost always of one class, and more often than other rows by this factor. */
  missing: { precision: 0.98, suspectPrecision: 0.9, lift: 2, minRows: 20 },
} as const;

export interface LeakInput {
  readonly metric: "roc_auc" | "r2";
  readonly knownAfter: readonly string[];
  readonly single: readonly SingleFeature[];
  readonly score: number | null;
}

export interface LeakVerdict {
  readonly status: Leakage;
  readonly findings: readonly LeakFinding[];
}

export function leakageOf(input: LeakInput): LeakVerdict {
  const findings = [
    ...input.knownAfter.map(
      (feature): LeakFinding => ({
        detector: "known_after",
        feature,
        status: "BLOCKED",
        value: null,
        threshold: null,
        message: `${feature} is known only after the decision (known: after in the data contract)`,
      }),
    ),
    ...input.single.flatMap((it) => singleFinding(it, input.metric)),
    ...scoreFinding(input),
  ];
  const worst = (["BLOCKED", "SUSPECT"] as const).find((status) => findings.some((it) => it.status === status));
  // Without a score the third detector can't judge: what wasn't measured doesn't pass.
  return { status: worst ?? (input.score === null ? "NOT_MEASURED" : "SAFE"), findings };
}

function singleFinding(it: SingleFeature, metric: "roc_auc" | "r2"): readonly LeakFinding[] {
  return it.missing === null ? valueFinding(it, metric) : missingFinding(it);
}

function valueFinding({ feature, kind, score }: SingleFeature, metric: "roc_auc" | "r2"): readonly LeakFinding[] {
  const { blocked, suspect } = leakLimits[metric];
  if (score === null || score < suspect) return [];
  const status = score >= blocked ? "BLOCKED" : "SUSPECT";
  const threshold = status === "BLOCKED" ? blocked : suspect;
  const what = kind === "value" ? feature : `whether ${feature} is missing`;
  const message = `${what} alone predicts the target with ${metric} ${score.toFixed(4)} (${threshold} or more)`;
  return [{ detector: "single_feature", feature, status, value: score, threshold, message }];
}

function missingFinding({ feature, score, missing }: SingleFeature): readonly LeakFinding[] {
  const { precision, suspectPrecision, lift, minRows } = leakLimits.missing;
  if (score === null || missing === null || missing.missing_rows < minRows) return [];
  if (score < suspectPrecision || score < lift * missing.base_rate) return [];
  const status = score >= precision ? "BLOCKED" : "SUSPECT";
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const message = `where ${feature} is missing (${missing.missing_rows} rows) the target is ${missing.class} in ${share(score)}, in all rows in ${share(missing.base_rate)}: the gap gives the answer away`;
  const threshold = status === "BLOCKED" ? precision : suspectPrecision;
  return [{ detector: "single_feature", feature, status, value: score, threshold, message }];
}

function scoreFinding({ metric, score }: LeakInput): readonly LeakFinding[] {
  const { implausible } = leakLimits[metric];
  if (score === null || score < implausible) return [];
  const message = `a ${metric} of ${score.toFixed(4)} is beyond what is plausible (${implausible})`;
  return [
    { detector: "implausible_score", feature: null, status: "SUSPECT", value: score, threshold: implausible, message },
  ];
}
