import type { Task } from "../../../contract/configs/project-config.ts";
import type { GateRule, PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import { AppError } from "../../../contract/errors.ts";
import { metricsOf } from "../../../contract/evaluation/metrics.ts";
import { nearest } from "../../../contract/nearest.ts";
import { allowedGateMetrics, gateMetric } from "./gate-metric.ts";

const changeBounds = [
  "min_absolute_change",
  "min_relative_change",
  "max_absolute_regression",
  "max_relative_regression",
] as const satisfies readonly (keyof GateRule)[];

export interface GateValidation {
  readonly config: PromotionConfig;
  readonly task: Task;
  /** Names of the optional tests that the split schema can make; "reference" is optional here. */
  readonly testNames: readonly string[];
  /** Group columns of the split; empty if there are none. */
  readonly clusterBy: readonly string[];
}

/** A reason why a gate is invalid. */
export interface GateProblem {
  /** Keys of the value in the file of the gate. */
  readonly path: readonly (string | number)[];
  /** A clause without a full stop. */
  readonly message: string;
  readonly hint: string;
  readonly allowed?: readonly string[];
}

/** Lists why a gate is invalid. For example, a metric that isn't measured could never pass. Pure. */
export function gateProblems({ config, task, testNames, clusterBy }: GateValidation): readonly GateProblem[] {
  const tests = ["reference", ...testNames.filter((name) => name !== "reference")];
  const measured = { task, tests, hasGroup: clusterBy.length > 0 };
  return [
    ...primaryProblems(config, measured),
    ...config.gates.flatMap((rule, index) => [
      ...metricProblems(rule.metric, ["gates", index, "metric"], measured),
      ...boundProblems(rule, ["gates", index]),
    ]),
  ];
}

/**
 * Refuses an invalid gate before the candidate is scored.
 * @throws promotion/invalid-gate with the rule, the reason and what is allowed
 */
export function validateGate(validation: GateValidation): void {
  const [problem] = gateProblems(validation);
  if (problem === undefined) return;
  const { path, message, hint, allowed } = problem;
  const file = "configs/promotion.yaml";
  throw new AppError({
    code: "promotion/invalid-gate",
    message: `${file}, ${path.join(".")}: ${message}.`,
    hint,
    details: { file, path, ...(allowed === undefined ? {} : { allowed }) },
  });
}

interface Measured {
  readonly task: Task;
  /** "reference" first. */
  readonly tests: readonly string[];
  readonly hasGroup: boolean;
}

function primaryProblems({ primary }: PromotionConfig, measured: Measured): readonly GateProblem[] {
  const path = ["primary", "metric"];
  const { metric, goal, margin } = primary;
  const problems: GateProblem[] = [];
  if (!metric.startsWith("reference_") || gateMetric(metric, measured.tests)?.kind === "figure") {
    const allowed = metricsOf(measured.task, measured).map((name) => `reference_${name}`);
    problems.push({
      path,
      message: `the primary metric \`${metric}\` is not one of the reference test`,
      hint: `Write reference_<metric>: ${allowed.join(", ")}.`,
      allowed,
    });
  } else problems.push(...metricProblems(metric, path, measured));
  if (goal === "non_inferiority" && margin === undefined) {
    problems.push({
      path: ["primary"],
      message: "non-inferiority has no `margin`",
      hint: "Add `margin: …`: how much worse still counts as as good, in the metric's unit.",
    });
  }
  if (goal === "superiority" && margin !== undefined) {
    problems.push({
      path: ["primary", "margin"],
      message: "superiority takes no `margin`",
      hint: "Remove `margin`, or set `goal: non_inferiority`.",
    });
  }
  return problems;
}

function metricProblems(metric: string, path: GateProblem["path"], measured: Measured): readonly GateProblem[] {
  const allowed = allowedGateMetrics(measured.task, { testNames: measured.tests, hasGroup: measured.hasGroup });
  if (allowed.includes(metric)) return [];
  // The test exists, but the metric is for another task.
  const meant = gateMetric(metric, measured.tests);
  if (meant?.kind === "rows") {
    const ofTask = metricsOf(measured.task, measured);
    const hint = `Metrics of ${measured.task}: ${ofTask.join(", ")}.`;
    const lacksGroup = metricsOf(measured.task, { hasGroup: true }).includes(meant.metric);
    const why = lacksGroup
      ? `ranks within the split's group, and this split has none`
      : `is no metric of ${measured.task}`;
    return [{ path, message: `\`${meant.metric}\` ${why}`, hint, allowed }];
  }
  const near = nearest(metric, allowed);
  const meantWord = near === undefined ? "" : ` — did you mean \`${near}\`?`;
  return [
    {
      path,
      message: `\`${metric}\` is measured by no test${meantWord}`,
      hint: `Metrics are <test>_<metric>, or a figure of the model itself. Allowed: ${allowed.join(", ")}.`,
      allowed,
    },
  ];
}

function boundProblems(rule: GateRule, path: GateProblem["path"]): readonly GateProblem[] {
  if (rule.threshold !== undefined || changeBounds.some((bound) => rule[bound] !== undefined)) return [];
  return [
    {
      path,
      message: `the gate on \`${rule.metric}\` has no bound, so nothing could fail it`,
      hint: `Give it one of threshold, ${changeBounds.join(", ")}.`,
    },
  ];
}
