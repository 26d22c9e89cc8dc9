import type { ViewEvidence } from "../../src-core/contract/routing/routing-evidence.ts";
import { viewName } from "../../src-core/contract/routing/view-name.ts";
import { counted, formatCount } from "../numbers.ts";

/** Renders what the assessment measured of a view, one line per fact. */
export function evidenceLines(view: ViewEvidence): readonly string[] {
  const name = viewName(view.symbol);
  const { mean_overlap, mean_tau, snapshots } = view.stability_metrics;
  const effective = view.effective_sample_size === null ? "–" : formatCount(Math.round(view.effective_sample_size));
  return [
    `${name}: ${counted(view.rows, "row")} (${effective} effective), ${counted(view.folds, "fold")}: ${scoreText(view)}`,
    `${name}: families ${view.families.map(familyText).join(", ")}`,
    `${name}: ${view.stability} over ${snapshots} snapshots, overlap ${figure(mean_overlap)}, tau ${figure(mean_tau)}`,
    ...view.leakage.map(({ detector, status, message }) => `${name}: ${detector} ${status}: ${message}`),
    ...(view.note === null ? [] : [`${name}: ${view.note}`]),
  ];
}

function scoreText(view: ViewEvidence): string {
  if (view.score === null) return "no score";
  const { score_low: low, score_high: high, interval_method: method } = view;
  const interval = low === null ? "" : ` [${figure(low)}, ${figure(high)}] (${method})`;
  return `${view.best_family} ${figure(view.score)}${interval}`;
}

function familyText({ family, score, error }: ViewEvidence["families"][number]): string {
  return `${family} ${error === null ? figure(score) : `failed (${error.message})`}`;
}

const figure = (value: number | null) => (value === null ? "–" : value.toFixed(4));
