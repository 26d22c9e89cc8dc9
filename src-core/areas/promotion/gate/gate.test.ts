import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type GateRule,
  type PromotionConfig,
  promotionConfigSchema,
} from "../../../contract/configs/promotion-config.ts";
import type { GateResult } from "../../../contract/runs/stage-results.ts";
import { evaluateGate } from "./gate.ts";
import type { GateEvidence } from "./gate-checks.ts";
import { joinByKey, type KeyedRows } from "./gate-evidence.ts";
import { gateHashOf } from "./gate-hash.ts";
import { validateGate } from "./gate-validation.ts";

/** A small fixed generator of test data (mulberry32); the gate itself draws from its own stream. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Settings = Partial<Omit<PromotionConfig, "gates" | "primary">> & {
  readonly primary?: Partial<PromotionConfig["primary"]>;
  readonly gates?: readonly GateRule[];
};

function gateConfig({ primary, ...rest }: Settings = {}): PromotionConfig {
  return promotionConfigSchema.parse({
    version: 1,
    primary: { metric: "reference_mae", goal: "superiority", ...primary },
    replicates: 999,
    ...rest,
  });
}

const keys = (n: number) => Array.from({ length: n }, (_, i) => `k${i}`);

/** Errors of each side by row; the target is 10 everywhere but for a tenth of the row number. */
function errorsEvidence(
  candidate: readonly number[],
  production: readonly number[] | null,
  clusters?: readonly string[],
) {
  const side = (errors: readonly number[]): KeyedRows => ({
    keys: keys(errors.length),
    target: Float64Array.from(errors, (_, i) => 10 + i / 10),
    prediction: Float64Array.from(errors, (error, i) => 10 + i / 10 + error),
    ...(clusters === undefined ? {} : { clusters }),
  });
  const joined = joinByKey({
    task: "regression",
    classCount: 1,
    candidate: side(candidate),
    production: production === null ? null : side(production),
  });
  const evidence: GateEvidence = {
    hasProduction: production !== null,
    sets: { reference: joined },
    figures: {},
    validity: [],
  };
  return evidence;
}

const ask = (evidence: GateEvidence, settings: Settings = {}, testNames: readonly string[] = []): Promise<GateResult> =>
  evaluateGate({ config: gateConfig(settings), task: "regression", testNames, clusterBy: [], evidence });

/** Errors of `n` rows around `mean`, noisy. */
function noisy(n: number, mean: number, seed: number): number[] {
  const next = random(seed);
  return Array.from({ length: n }, () => mean * (0.5 + next()));
}

const row = (result: GateResult, metric: string, role: string) =>
  result.rows.find((it) => it.metric === metric && it.role === role);

describe("the verdict", () => {
  it("PROMOTE: the primary's p clears α and there is nothing else to clear", async () => {
    const result = await ask(errorsEvidence(noisy(300, 1, 1), noisy(300, 2, 2)));
    expect(result.verdict).toBe("PROMOTE");
    expect(row(result, "reference_mae", "primary")).toMatchObject({ outcome: "pass", p: 1 / 1000 });
    expect(result.reason).toMatch(/^reference_mae improves by .* which clears its goal \(superiority\)\.$/);
    expect(result).toMatchObject({ n: 300, clusters: null, rule: "bootstrap", replicates: 999 });
  });

  it("HOLD on a tie: both do the same on every row", async () => {
    const errors = noisy(300, 1, 1);
    for (const primary of [{}, { goal: "non_inferiority", margin: 0.5 } as const]) {
      const result = await ask(errorsEvidence(errors, errors), { primary });
      expect(result).toMatchObject({ verdict: "HOLD", extraUnitsNeeded: null });
      expect(result.reason).toContain("Both models do the same on every row");
    }
  });

  it("HOLD if the interval reaches the bound, with the rows that an effect of this size needs", async () => {
    const result = await ask(errorsEvidence(noisy(300, 1, 1), noisy(300, 1.03, 2)));
    expect(result.verdict).toBe("HOLD");
    expect(result.extraUnitsNeeded).toBeGreaterThan(100);
    expect(result.minimumDetectable).toBeGreaterThan(0.03);
    expect(result.reason).toMatch(/needs about [\d,]+ more rows/);
  });

  it("HOLD if the primary is worse: production stays, without a number of rows", async () => {
    const result = await ask(errorsEvidence(noisy(300, 2, 1), noisy(300, 1, 2)));
    expect(result).toMatchObject({ verdict: "HOLD", extraUnitsNeeded: null });
    expect(result.reason).toContain("is worse by");
  });

  it("HOLD below min_units, naming how many rows are missing", async () => {
    const result = await ask(errorsEvidence(noisy(150, 1, 1), noisy(150, 2, 2)));
    expect(result).toMatchObject({ verdict: "HOLD", extraUnitsNeeded: 50 });
    expect(result.reason).toContain("150 rows, fewer than the 200 of min_units");
  });

  it("HOLD below min_clusters, however many rows there are", async () => {
    const clusters = keys(300).map((_, i) => `c${i % 9}`);
    const result = await ask(errorsEvidence(noisy(300, 1, 1), noisy(300, 2, 2), clusters));
    expect(result).toMatchObject({ verdict: "HOLD", clusters: 9 });
    expect(result.reason).toContain("9 clusters, fewer than the 10 of min_clusters");
  });

  it("resamples clusters whole: a difference in one cluster of many isn't an improvement", async () => {
    const n = 400;
    const production = noisy(n, 1, 1);
    const candidate = production.map((error, i) =>
      i % 20 === 0 ? error * 0.2 : error * (i % 2 === 0 ? 1.001 : 0.999),
    );
    const clusters = keys(n).map((_, i) => `c${i % 20}`);
    expect((await ask(errorsEvidence(candidate, production))).verdict).toBe("PROMOTE");
    expect((await ask(errorsEvidence(candidate, production, clusters))).verdict).toBe("HOLD");
  });

  it("REJECT: a threshold is violated, however good the primary; bounds are inclusive", async () => {
    const evidence = errorsEvidence(Array<number>(300).fill(1), noisy(300, 3, 2));
    const at = (threshold: number) => ask(evidence, { gates: [{ metric: "reference_rmse", threshold }] });
    const { candidate } = row(await at(5), "reference_rmse", "threshold") ?? {};
    expect((await at(candidate ?? Number.NaN)).verdict).toBe("PROMOTE");
    const rejected = await at(0.9);
    expect(rejected.verdict).toBe("REJECT");
    expect(rejected.reason).toContain("reference_rmse is 1 where the gate asks for ≤ 0.9");
  });

  it("REJECT: the whole interval of a guardrail is on the bad side of its margin", async () => {
    // Better on average, but a few rows are far off: worse in the squares.
    const candidate = noisy(400, 1, 1).map((error, i) => (i % 10 === 0 ? error * 6 : error * 0.3));
    const evidence = errorsEvidence(candidate, noisy(400, 1.5, 2));
    const gates = [{ metric: "reference_rmse", max_relative_regression: 0.02 }];
    const result = await ask(evidence, { gates });
    expect(result.verdict).toBe("REJECT");
    expect(row(result, "reference_rmse", "guardrail")).toMatchObject({ outcome: "fail", rule: "≤ 2 % worse" });
    expect((await ask(evidence, { gates: [{ metric: "reference_rmse", max_absolute_regression: 9 }] })).verdict).toBe(
      "PROMOTE",
    );
  });

  it("HOLD if guardrails pass one by one but not together (Holm)", async () => {
    const evidence = errorsEvidence(noisy(300, 1, 1), noisy(300, 2, 2));
    const base = await ask(evidence, { gates: [{ metric: "reference_mae", max_absolute_regression: 0.1 }] });
    const improvement = base.rows.find((it) => it.role === "guardrail")?.improvement ?? 0;
    const bounds = [0.95, 0.951, 0.952].map((share) => ({
      metric: "reference_mae",
      min_absolute_change: share * improvement,
    }));
    const alone = await ask(evidence, { gates: bounds.slice(0, 1) });
    const alpha = 1.5 * (alone.rows.find((it) => it.role === "guardrail")?.p ?? 0);
    expect((await ask(evidence, { gates: bounds.slice(0, 1), alpha })).verdict).toBe("PROMOTE");
    const together = await ask(evidence, { gates: bounds, alpha });
    expect(together.verdict).toBe("HOLD");
    for (const it of together.rows.filter(({ role }) => role === "guardrail"))
      expect(it.adjustedP).toBeGreaterThan(it.p ?? 1);
  });

  it("gives the rows that a guardrail needs at its adjusted level (Holm), and what each row could have detected", async () => {
    const evidence = errorsEvidence(noisy(300, 1, 1), noisy(300, 1.03, 2));
    const gates = [0.02, 0.03, 0.04].map((max_absolute_regression) => ({
      metric: "reference_mae",
      max_absolute_regression,
    }));
    const loose = { metric: "reference_rmse", max_absolute_regression: 9 };
    const alone = (await ask(evidence, { gates: gates.slice(0, 1) })).rows.find((it) => it.role === "guardrail");
    const among = (await ask(evidence, { gates: [...gates.slice(0, 1), loose] })).rows.find(
      (it) => it.role === "guardrail" && it.metric === "reference_mae",
    );
    // The loose one has the smallest p: what is left for the other is the whole level.
    expect(among?.extraUnitsNeeded).toBe(alone?.extraUnitsNeeded);
    const all = (await ask(evidence, { gates })).rows.filter((it) => it.role === "guardrail");
    const levels = all.map((it) => it.minimumDetectable ?? 0);
    expect(levels.every((it) => it > 0)).toBe(true);
    // The widest margin has the smallest p, hence the strictest level; the narrowest has the last.
    expect(levels[2]).toBeGreaterThan(levels[1] ?? 0);
    expect(levels[1]).toBeGreaterThan(levels[0] ?? 0);
    expect(levels[0]).toBe(alone?.minimumDetectable);
  });

  it("INVALID before all else: unequal rows, other targets, a finding, missing predictions above the limit", async () => {
    const good = errorsEvidence(noisy(300, 1, 1), noisy(300, 2, 2));
    const reference = good.sets.reference;
    if (!reference) return expect.fail("no rows");
    const gates = [{ metric: "reference_mae", threshold: 0 }];
    const withRows = (change: object): GateEvidence => ({ ...good, sets: { reference: { ...reference, ...change } } });
    for (const evidence of [
      withRows({ onlyProduction: 1, rowsAsked: 301 }),
      withRows({ onlyCandidate: 1, rowsAsked: 301 }),
      withRows({ targetMismatches: 1 }),
      withRows({ withoutPrediction: 4, rowsAsked: 304 }),
      { ...good, validity: [{ name: "leakage", isOk: false, note: "12 duplicates" }] },
    ]) {
      const result = await ask(evidence, { gates });
      expect(result.verdict).toBe("INVALID");
      expect(result.rows.some((it) => it.role === "validity" && it.outcome === "fail")).toBe(true);
    }
    const allowed = withRows({ withoutPrediction: 3, rowsAsked: 303 });
    expect((await ask(allowed, { max_missing_basis_points: 100 })).verdict).toBe("PROMOTE");
  });

  it("INVALID if a metric isn't measured on either side, never a pass", async () => {
    const evidence = errorsEvidence(noisy(300, 1, 1), noisy(300, 2, 2));
    const figure = (candidate: number | null, production: number | null): GateEvidence => ({
      ...evidence,
      figures: { long_haul_mae: { candidate, production } },
    });
    const gates = [{ metric: "long_haul_mae", max_relative_regression: 0.5 }];
    for (const it of [evidence, figure(null, 1), figure(1, null), figure(Number.NaN, 1)]) {
      const result = await ask(it, { gates }, ["long_haul"]);
      expect(result.verdict).toBe("INVALID");
      expect(row(result, "long_haul_mae", "guardrail")?.outcome).toBe("not measured");
    }
    expect((await ask(figure(1, 1), { gates }, ["long_haul"])).verdict).toBe("PROMOTE");
    expect((await ask(figure(2, 1), { gates }, ["long_haul"])).verdict).toBe("REJECT");
  });

  it("non-inferiority: a candidate as good within the margin is promoted, one beyond it is not", async () => {
    const production = noisy(400, 1, 1);
    const candidate = production.map((error, i) => error + (i % 2 === 0 ? 0.03 : -0.01));
    const goal = (margin: number) => ({ primary: { goal: "non_inferiority", margin } as const });
    expect((await ask(errorsEvidence(candidate, production), goal(0.02))).verdict).toBe("PROMOTE");
    expect((await ask(errorsEvidence(candidate, production), goal(0.005))).verdict).toBe("HOLD");
  });
});

describe("a first model", () => {
  it("is promoted by the absolute gates alone, also by none and below min_units", async () => {
    const evidence = errorsEvidence(noisy(20, 1, 1), null);
    const none = await ask(evidence, { gates: [{ metric: "reference_rmse", max_relative_regression: 0.02 }] });
    expect(none.verdict).toBe("PROMOTE");
    expect(none.reason).toMatch(/^First model/);
    expect(row(none, "reference_rmse", "guardrail")?.outcome).toBe("info");
    expect((await ask(evidence, { gates: [{ metric: "reference_rmse", threshold: 5 }] })).verdict).toBe("PROMOTE");
    expect((await ask(evidence, { gates: [{ metric: "reference_rmse", threshold: 0.1 }] })).verdict).toBe("REJECT");
  });

  it("never ends in HOLD", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        async (errors, threshold) => {
          const gates = [{ metric: "reference_mae", threshold }];
          const { verdict } = await ask(errorsEvidence(errors, null), { gates });
          expect(["PROMOTE", "REJECT"]).toContain(verdict);
        },
      ),
    );
  });
});

describe("decision_rule: point", () => {
  const point = { decision_rule: "point" } as const;

  it("promotes a strictly better point estimate, keeps production on a tie or a worse one, whatever n", async () => {
    expect((await ask(errorsEvidence([1, 1], [1, 1.001]), point)).verdict).toBe("PROMOTE");
    const tie = await ask(errorsEvidence([1, -1], [-1, 1]), point);
    expect(tie.verdict).toBe("HOLD");
    expect(tie.reason).toContain("tie keeps production");
    expect((await ask(errorsEvidence([1, 1.001], [1, 1]), point)).verdict).toBe("HOLD");
  });

  it("still minds validity and thresholds", async () => {
    const evidence = errorsEvidence([1, 1], [1, 2]);
    expect((await ask(evidence, { ...point, gates: [{ metric: "reference_mae", threshold: 0.5 }] })).verdict).toBe(
      "REJECT",
    );
    const leaking = { ...evidence, validity: [{ name: "leakage", isOk: false, note: "a feature" }] };
    expect((await ask(leaking, point)).verdict).toBe("INVALID");
  });
});

describe("what locks a promotion", () => {
  const locksOf = ({ rows }: GateResult) =>
    rows.flatMap(({ metric, locks }) => (locks === undefined ? [] : [[metric, locks]]));

  it("is nothing for the verdict PROMOTE, even for a first model", async () => {
    expect(locksOf(await ask(errorsEvidence(noisy(300, 1, 1), noisy(300, 2, 2))))).toEqual([]);
    expect(locksOf(await ask(errorsEvidence(noisy(300, 1, 1), null)))).toEqual([]);
  });

  it("is each row that forces another verdict, with that verdict", async () => {
    const gates = [{ metric: "reference_rmse", threshold: 0.001 }];
    const errors = noisy(300, 1, 1);
    expect(locksOf(await ask(errorsEvidence(errors, errors), { gates }))).toEqual([
      ["reference_rmse", "REJECT"],
      ["reference_mae", "HOLD"],
    ]);
    const broken = {
      ...errorsEvidence(errors, errors),
      validity: [{ name: "same rows", isOk: false, note: "others" }],
    };
    expect(locksOf(await ask(broken))).toEqual([
      ["same rows", "INVALID"],
      ["reference_mae", "HOLD"],
    ]);
  });
});

describe("bounds", () => {
  const point = { decision_rule: "point" } as const;
  const guarded = async (candidate: number, production: number, rule: Omit<GateRule, "metric">) => {
    const evidence = { ...errorsEvidence([1, 1], [2, 2]), figures: { latency_p50_ms: { candidate, production } } };
    const result = await ask(evidence, { ...point, gates: [{ metric: "latency_p50_ms", ...rule }] });
    return row(result, "latency_p50_ms", "guardrail")?.outcome;
  };

  it("are inclusive, and rounding doesn't exclude", async () => {
    expect(await guarded(1.02, 1, { max_relative_regression: 0.02 })).toBe("pass");
    expect(await guarded(1.0201, 1, { max_relative_regression: 0.02 })).toBe("fail");
    expect(await guarded(0.3, 0.2, { max_absolute_regression: 0.1 })).toBe("pass");
    expect(await guarded(0.9, 1, { min_absolute_change: 0.1 })).toBe("pass");
    expect(await guarded(0.9, 1, { min_relative_change: 0.1 })).toBe("pass");
    expect(await guarded(0.91, 1, { min_relative_change: 0.1 })).toBe("fail");
  });

  it("are shown as they were written, with every digit", async () => {
    const gates = [
      { metric: "reference_mae", threshold: 52_428_801 },
      { metric: "reference_rmse", threshold: 1_234.5678 },
      { metric: "reference_pinball", max_relative_regression: 0.07 },
    ];
    const { rows } = await ask(errorsEvidence([1, 1], [2, 2]), { gates });
    const rules = gates.map(({ metric }) => rows.find((it) => it.metric === metric && it.role !== "primary")?.rule);
    expect(rules).toEqual(["≤ 52,428,801", "≤ 1234.5678", "≤ 7 % worse"]);
  });

  it("are numbers in the row too, as a ledger's JSON keeps them", async () => {
    const gates = [
      { metric: "reference_rmse", threshold: 12.5 },
      { metric: "reference_pinball", max_relative_regression: 0.07, max_absolute_regression: 0 },
    ];
    const primary = { goal: "non_inferiority", margin: 0.25 } as const;
    const { rows } = await ask(errorsEvidence([1, 1], [2, 2]), { primary, gates });
    const bounds = rows.map(({ role, threshold, boundAbsolute, boundRelative, isBoundStrict, missingShare }) => {
      return { role, threshold, boundAbsolute, boundRelative, isBoundStrict, missingShare };
    });
    expect(bounds).toMatchObject([
      { role: "validity", missingShare: expect.any(Number) },
      { role: "threshold", threshold: 12.5, boundAbsolute: undefined },
      { role: "primary", threshold: undefined, boundAbsolute: -0.25, boundRelative: 0, isBoundStrict: false },
      { role: "guardrail", boundAbsolute: 0, boundRelative: 0, isBoundStrict: false },
      { role: "guardrail", boundAbsolute: 0, boundRelative: -0.07, isBoundStrict: false },
    ]);
    expect(JSON.parse(JSON.stringify(rows))).toStrictEqual(rows);
    const superior = await ask(errorsEvidence([1, 1], [2, 2]));
    expect(row(superior, "reference_mae", "primary")).toMatchObject({ boundAbsolute: 0, isBoundStrict: true });
  });

  it("at a production value of 0, a share allows no regression and asks for some improvement", async () => {
    expect(await guarded(0, 0, { max_relative_regression: 0.2 })).toBe("pass");
    expect(await guarded(0.001, 0, { max_relative_regression: 0.2 })).toBe("fail");
    expect(await guarded(0, 0, { min_relative_change: 0.2 })).toBe("fail");
    expect(await guarded(-1, 0, { min_relative_change: 0.2 })).toBe("pass");
  });
});

describe("classification errors", () => {
  const classes = (right: readonly boolean[]): KeyedRows => ({
    keys: keys(right.length),
    target: Float64Array.from(right, (_, i) => i % 2),
    prediction: Float64Array.from(right, (isRight, i) => ((i % 2 === 1) === isRight ? 0.9 : 0.1)),
  });
  const accuracyGate = (candidate: KeyedRows, production: KeyedRows) => {
    const joined = joinByKey({ task: "binary", classCount: 2, candidate, production });
    const evidence: GateEvidence = { hasProduction: true, sets: { reference: joined }, figures: {}, validity: [] };
    const config = gateConfig({ primary: { metric: "reference_accuracy" } });
    return evaluateGate({ config, task: "binary", testNames: [], clusterBy: [], evidence });
  };

  it("are judged by the exact McNemar test on the rows that only one side has right", async () => {
    const candidate = classes(Array.from({ length: 400 }, (_, i) => i >= 3));
    const production = classes(Array.from({ length: 400 }, (_, i) => i < 3 || i >= 15));
    const result = await accuracyGate(candidate, production);
    // 12 to 3: P[Bin(15, ½) ≥ 12] = 0.017578125, two-sided 0.03515625.
    expect(row(result, "reference_accuracy", "primary")?.p).toBeCloseTo(0.017578125, 12);
    expect(row(result, "reference_accuracy", "primary")?.note).toContain("0.0352");
    expect(result.verdict).toBe("PROMOTE");
  });
});

describe("rankings", () => {
  /** 40 groups of 8 rows, the third of each positive; `isFound` says in which groups it is ranked first. */
  function slates(isFound: (group: number) => boolean): KeyedRows {
    const rows = Array.from({ length: 320 }, (_, i) => ({ group: Math.floor(i / 8), place: i % 8 }));
    return {
      keys: keys(320),
      target: Float64Array.from(rows, ({ place }) => (place === 3 ? 1 : 0)),
      prediction: Float64Array.from(rows, ({ group, place }) =>
        place === 3 && isFound(group) ? 0.9 : 0.1 + place / 100,
      ),
      clusters: rows.map(({ group }) => `g${group}`),
    };
  }

  it("of whole groups are compared: the model that ranks the wanted row first is promoted", async () => {
    const sides = { candidate: slates(() => true), production: slates((group) => group % 2 === 0) };
    const joined = joinByKey({ task: "binary", classCount: 2, ...sides });
    const config = gateConfig({ primary: { metric: "reference_mrr" }, min_units: 100 });
    const evidence = { hasProduction: true, sets: { reference: joined }, figures: {}, validity: [] };
    const result = await evaluateGate({ config, task: "binary", testNames: [], clusterBy: ["session"], evidence });
    expect(result).toMatchObject({ verdict: "PROMOTE", clusters: 40, n: 320 });
    // Of 8 rows the fourth by position is fifth by score: later ones have more.
    expect(row(result, "reference_mrr", "primary")?.candidate).toBe(1);
    expect(row(result, "reference_mrr", "primary")?.production).toBeCloseTo((1 + 1 / 5) / 2, 12);
  });

  it("need a group, which is said before anything is trained", () => {
    const config = gateConfig({ primary: { metric: "reference_map" } });
    const asked = { config, task: "binary" as const, testNames: [] };
    expect(() => validateGate({ ...asked, clusterBy: ["session"] })).not.toThrow();
    expect(() => validateGate({ ...asked, clusterBy: [] })).toThrow(/`map` ranks within the split's group/);
  });
});

describe("the same evidence", () => {
  it("has the same answer, to the bit, and another with another seed", async () => {
    const evidence = errorsEvidence(noisy(300, 1, 1), noisy(300, 1.1, 2));
    expect(await ask(evidence)).toEqual(await ask(evidence));
    const [one, other] = [await ask(evidence), await ask(evidence, { seed: 43 })];
    expect(one.rows.at(-1)?.low).not.toBe(other.rows.at(-1)?.low);
  });

  it("with the sides swapped has the improvement and the interval turned round", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer(), async (a, b) => {
        const [one, two] = [noisy(220, 1, a), noisy(220, 1.1, b)];
        const forth = (await ask(errorsEvidence(one, two))).rows.find((it) => it.role === "primary");
        const back = (await ask(errorsEvidence(two, one))).rows.find((it) => it.role === "primary");
        expect(back?.improvement).toBe(-(forth?.improvement ?? Number.NaN));
        expect(back?.low).toBeCloseTo(-(forth?.high ?? Number.NaN), 12);
        expect(back?.high).toBeCloseTo(-(forth?.low ?? Number.NaN), 12);
      }),
      { numRuns: 20 },
    );
  });

  it("never gets a worse verdict when every error of the candidate shrinks", async () => {
    const rank = { INVALID: 0, REJECT: 1, HOLD: 2, PROMOTE: 3 };
    const gates = [
      { metric: "reference_rmse", threshold: 1.2 },
      { metric: "reference_rmse", max_relative_regression: 0.05 },
    ];
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.double({ min: 0.1, max: 1, noNaN: true }), async (seed, shrink) => {
        const [candidate, production] = [noisy(220, 1, seed), noisy(220, 1, seed + 1)];
        const before = await ask(errorsEvidence(candidate, production), { gates });
        const after = await ask(
          errorsEvidence(
            candidate.map((error) => error * shrink),
            production,
          ),
          { gates },
        );
        expect(rank[after.verdict]).toBeGreaterThanOrEqual(rank[before.verdict]);
      }),
      { numRuns: 30 },
    );
  });

  it("promotes at most α of the candidates that are no better", async () => {
    const trials = 600;
    const alpha = 0.05;
    let promotions = 0;
    for (let trial = 0; trial < trials; trial++) {
      const evidence = errorsEvidence(noisy(60, 1, 2 * trial), noisy(60, 1, 2 * trial + 1));
      const { verdict } = await ask(evidence, { alpha, min_units: 50, replicates: 399, seed: trial });
      if (verdict === "PROMOTE") promotions += 1;
    }
    // Three standard deviations above α for the number of trials.
    expect(promotions / trials).toBeLessThan(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / trials));
    expect(promotions).toBeGreaterThan(0);
  });
});

describe("joining by key", () => {
  const rows = (names: readonly string[], prediction: readonly number[]): KeyedRows => ({
    keys: names,
    target: Float64Array.from(names, () => 1),
    prediction: Float64Array.from(prediction),
  });
  const join = (candidate: KeyedRows, production: KeyedRows) =>
    joinByKey({ task: "regression", classCount: 1, candidate, production });

  it("pairs rows in any order and counts those without a partner on either side", () => {
    const joined = join(rows(["a", "b", "c"], [1, 2, 3]), rows(["c", "d", "a", "e"], [30, 40, 10, 50]));
    expect([...joined.candidate.prediction]).toEqual([1, 3]);
    expect([...(joined.production?.prediction ?? [])]).toEqual([10, 30]);
    expect(joined).toMatchObject({ onlyCandidate: 1, onlyProduction: 2, rowsAsked: 5, withoutPrediction: 0 });
  });

  it("leaves rows without a prediction out of both sides and counts them", () => {
    const joined = join(rows(["a", "b", "c"], [1, Number.NaN, 3]), rows(["a", "b", "c"], [1, 2, Number.NaN]));
    expect([...joined.candidate.prediction]).toEqual([1]);
    expect(joined.withoutPrediction).toBe(2);
  });

  it("refuses a duplicate key", () => {
    expect(() => join(rows(["a", "a"], [1, 2]), rows(["a"], [1]))).toThrow(RangeError);
  });
});

describe("an invalid gate", () => {
  const check = (settings: Settings) => () =>
    validateGate({ config: gateConfig(settings), task: "regression", testNames: ["long_haul"], clusterBy: [] });
  const code = "promotion/invalid-gate";

  it.each([
    ["a primary outside the reference test", { primary: { metric: "long_haul_mae" } }, "reference_<metric>"],
    ["an unknown metric", { gates: [{ metric: "reference_rsmle", threshold: 1 }] }, "Allowed: reference_rmse"],
    ["a metric of another task", { gates: [{ metric: "reference_f1", threshold: 1 }] }, "Metrics of regression: rmse"],
    ["a rule without a bound", { gates: [{ metric: "reference_mae" }] }, "threshold"],
    ["non-inferiority without a margin", { primary: { goal: "non_inferiority" } }, "margin"],
    ["superiority with a margin", { primary: { margin: 1 } }, "non_inferiority"],
  ] as const)("is refused: %s", (_why, settings, hint) => {
    expect(check(settings as Settings)).toThrow(expect.objectContaining({ code, hint: expect.stringContaining(hint) }));
  });

  it("names the nearest metric and its own place", () => {
    expect(check({ gates: [{ metric: "reference_rsmle", threshold: 1 }] })).toThrow(
      /gates\.0\.metric: `reference_rsmle` is measured by no test — did you mean `reference_rmsle`\?/,
    );
  });

  it("doesn't hide one that can", () => {
    expect(check({ gates: [{ metric: "long_haul_mae", max_relative_regression: 0 }] })).not.toThrow();
  });
});

describe("the gate's hash", () => {
  it("changes with everything that decides and with nothing else", () => {
    const base = gateHashOf(gateConfig());
    expect(gateHashOf(gateConfig())).toBe(base);
    expect(gateHashOf(gateConfig({ use_stages: true }))).toBe(base);
    for (const settings of [
      { alpha: 0.01 },
      { seed: 1 },
      { replicates: 1999 },
      { min_units: 1 },
      { min_clusters: 3 },
      { decision_rule: "point" },
      { max_missing_basis_points: 1 },
      { primary: { metric: "reference_rmse" } },
      { primary: { goal: "non_inferiority", margin: 1 } },
      { gates: [{ metric: "reference_mae", threshold: 1 }] },
    ] as const)
      expect(gateHashOf(gateConfig(settings as Settings))).not.toBe(base);
  });
});
