import type { GateRule, PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { Direction } from "../../../contract/evaluation/metrics.ts";
import type { Bound } from "./gate-comparison.ts";
import { boundFigure } from "./gate-words.ts";

/** A check of the gate. A rule with several bounds has several checks. */
export type GateCheck =
  | { readonly role: "threshold"; readonly metric: string; readonly threshold: number }
  | { readonly role: "primary" | "guardrail"; readonly metric: string; readonly bound: Bound; readonly rule: string };

/** Lists the checks: thresholds, then the primary, then guardrails, in the order of the file. */
export function gateChecks(config: PromotionConfig): readonly GateCheck[] {
  const thresholds = config.gates.flatMap((rule): GateCheck[] =>
    rule.threshold === undefined ? [] : [{ role: "threshold", metric: rule.metric, threshold: rule.threshold }],
  );
  return [...thresholds, primaryCheck(config), ...config.gates.flatMap(guardrails)];
}

function primaryCheck({ primary, decision_rule }: PromotionConfig): GateCheck {
  const common = { role: "primary", metric: primary.metric } as const;
  const superior = { absolute: 0, relative: 0, isStrict: true };
  if (decision_rule === "point") return { ...common, bound: superior, rule: "strictly better point estimate" };
  if (primary.goal === "superiority") return { ...common, bound: superior, rule: "superiority" };
  const margin = primary.margin ?? 0;
  return {
    ...common,
    bound: { absolute: -margin, relative: 0, isStrict: false },
    rule: `non-inferiority, ≤ ${boundFigure(margin)} worse`,
  };
}

function guardrails(rule: GateRule): readonly GateCheck[] {
  const check = (bound: Omit<Bound, "isStrict">, words: string): GateCheck => ({
    role: "guardrail",
    metric: rule.metric,
    bound: { ...bound, isStrict: false },
    rule: words,
  });
  const { min_absolute_change, min_relative_change, max_absolute_regression, max_relative_regression } = rule;
  const percent = (share: number) => `${boundFigure(share * 100)} %`;
  return [
    ...(min_absolute_change === undefined
      ? []
      : [check({ absolute: min_absolute_change, relative: 0 }, `≥ ${boundFigure(min_absolute_change)} better`)]),
    ...(min_relative_change === undefined
      ? []
      : [check({ absolute: 0, relative: min_relative_change }, `≥ ${percent(min_relative_change)} better`)]),
    ...(max_absolute_regression === undefined
      ? []
      : [
          check({ absolute: -max_absolute_regression, relative: 0 }, `≤ ${boundFigure(max_absolute_regression)} worse`),
        ]),
    ...(max_relative_regression === undefined
      ? []
      : [check({ absolute: 0, relative: -max_relative_regression }, `≤ ${percent(max_relative_regression)} worse`)]),
  ];
}

/** Checks whether a figure meets an absolute threshold, inclusive. */
export function keepsThreshold(value: number, threshold: number, direction: Direction): boolean {
  return direction === "higher" ? value >= threshold : value <= threshold;
}

export function thresholdWords(threshold: number, direction: Direction): string {
  return `${direction === "higher" ? "≥" : "≤"} ${boundFigure(threshold)}`;
}
