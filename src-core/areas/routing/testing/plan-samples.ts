import fc from "fast-check";
import type { Route } from "../../../contract/routing/routes.ts";
import type { FamilyEvidence, ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import type { PlanInputs, Signal, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import { combinationsOf } from "../decide/combine.ts";
import type { SegmentDecision, TargetDecision, ViewDecision } from "../decide/route.ts";
import type { PlanFamily } from "../plan/stage-families.ts";
import type { PlanInput, PlanTarget } from "../plan/training-plan.ts";
import { defaultPolicy } from "../policy/policy.ts";

/** Printed, so that `SIGNALBOX_TEST_SEED` repeats a run. */
export function testSeed(subject: string): number {
  const seed = Number(process.env.SIGNALBOX_TEST_SEED ?? Date.now() % 2 ** 31);
  console.info(`${subject}: SIGNALBOX_TEST_SEED=${seed}`);
  return seed;
}

/** Names that are difficult for file systems, YAML, JavaScript and registries. */
export const hostileNames = [
  ...[
    "",
    "CS",
    "CROSS_SECTIONAL",
    '"CS"',
    "all",
    "a/b",
    "a\\b",
    "..",
    ".",
    "CON",
    "con.txt",
    "nul",
    "AA",
    "aa",
    "Aa",
    "😀",
    "true",
    "null",
    "~",
    "1e3",
    "0x1f",
    "- a",
    "a: b",
  ],
  ...[
    "line\nbreak",
    "\r\n",
    " ",
    "#",
    "'",
    '"',
    "a|b",
    "`x`",
    "<b>",
    "__proto__",
    "constructor",
    "é",
    "e\u0301",
    "\u2028",
  ],
  ...[
    "\u0085",
    "\ufeff",
    "_cross_sectional",
    "2020-01-01",
    "<<",
    "=",
    "a.b",
    "a.b.c",
    "x".repeat(3_000),
    "ensemble",
    "~d",
    "%2F",
  ],
];

export const anyName = fc.oneof(
  fc.constantFrom(...hostileNames),
  fc.string({ unit: fc.constantFrom("a", "A", ".", "/", ":", "~", "_", "d", "h", "é", "😀", "\n", "|"), minLength: 1 }),
  fc.string({ unit: "grapheme" }),
);

export function view(target: string, symbol: string | null, signal: Signal): ViewDecision {
  const step: TraceStep = {
    view: symbol === null ? "cross_sectional" : "symbol",
    rule: signal === "STRONG" ? "strong" : "weak",
    value: 0.61,
    threshold: 0.6,
    policy_key: "symbol.classification.strong_score",
    source: `candidates:${target}/${viewName(symbol)}#score`,
    outcome: signal,
  };
  return { signal, candidate: null, reason: "score 0.61, strong from 0.6", step, isCapped: false };
}

const combination = combinationsOf(defaultPolicy());

/** A segment's decision by its view's signal and, where `route` isn't given, the table. */
export function segment(of: {
  readonly target: string;
  readonly symbol: string;
  readonly cs: Signal;
  readonly signal: Signal;
  readonly route?: Route;
}): SegmentDecision {
  const { route, step } = combination(of.cs, of.signal);
  return {
    symbol: of.symbol,
    route: of.route ?? route,
    view: view(of.target, of.symbol, of.signal),
    combination: step,
  };
}

/** A target with its cross-sectional signal and its segments' signals. */
export function decision(target: string, cs: Signal, segments: Readonly<Record<string, Signal>> = {}): TargetDecision {
  return {
    target,
    crossSectional: view(target, null, cs),
    segments: Object.entries(segments).map(([symbol, signal]) => segment({ target, symbol, cs, signal })),
  };
}

export const ridge: PlanFamily = { name: "ridge", stage: 1, device: "cpu" };
export const trees: PlanFamily = { name: "trees", stage: 1, device: "cpu" };
export const net: PlanFamily = { name: "net", stage: 2, device: "gpu" };

export const someInputs: PlanInputs = {
  candidates_hash: "c".repeat(64),
  config_hash: "d".repeat(64),
  routing_plan_hash: "e".repeat(64),
  dataset_hash: "f".repeat(32),
  split_hash: null,
  features_hash: null,
  project_hash: "0".repeat(64),
};

export function planInput(
  routing: readonly TargetDecision[],
  families: readonly PlanFamily[] = [ridge, trees],
): PlanInput {
  return {
    routing,
    targets: new Map(routing.map(({ target }): [string, PlanTarget] => [target, { name: target, families }])),
    evidence: new Map(),
    sides: new Map(),
    inputs: someInputs,
    marks: [],
    generatedAt: "2025-01-01T00:00:00Z",
    gitCommit: "abc1234",
  };
}

export function familyEvidence(family: string, measured: Partial<FamilyEvidence> = {}): FamilyEvidence {
  return {
    family,
    type: family,
    stage: 1,
    signature: "s",
    folds: 5,
    score: 0.6,
    fold_scores: [0.6, 0.6, 0.6, 0.6, 0.6],
    fit_seconds: [1, 1, 1, 1, 1],
    peak_memory_bytes: 2 ** 29,
    error: null,
    ...measured,
  };
}

export function viewEvidence(families: readonly FamilyEvidence[]): ViewEvidence {
  return {
    target: "t",
    symbol: null,
    signature: "s",
    rows: 100,
    groups: null,
    folds: 5,
    effective_sample_size: null,
    score: 0.6,
    score_low: null,
    score_high: null,
    interval_method: null,
    best_family: null,
    families: [...families],
    stability: "STABLE",
    stability_metrics: { snapshots: 0, mean_overlap: null, std_overlap: null, mean_tau: null, std_tau: null },
    leakage_status: "SAFE",
    leakage: [],
    features: [],
    feature_set_id: "features-1",
    excluded_features: [],
    note: null,
  };
}

const signal = fc.constantFrom<Signal>("STRONG", "WEAK_BUT_OK", "EXPERIMENTAL", "DISALLOWED");

/** Routings over hostile names, each target and symbol once. */
export const anyRouting = fc
  .uniqueArray(
    fc.record({
      target: anyName,
      cs: signal,
      symbols: fc.uniqueArray(fc.tuple(anyName, signal), { selector: ([name]) => name, maxLength: 6 }),
    }),
    { selector: ({ target }) => target, maxLength: 5 },
  )
  .map((targets) =>
    targets.map(
      ({ target, cs, symbols }): TargetDecision => ({
        target,
        crossSectional: view(target, null, cs),
        segments: symbols.map(([symbol, own]) => segment({ target, symbol, cs, signal: own })),
      }),
    ),
  );
