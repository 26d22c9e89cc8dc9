import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { AppError, cancelled } from "../../../contract/errors.ts";
import { openComputePool } from "../../../foundation/compute/pool.ts";
import { aView, delay, type FakeAnswers, family, measuring, viewInput } from "../testing/measured-views.ts";
import { bestOf, measureView } from "./measure-view.ts";
import { familySignature, viewTask } from "./view-task.ts";

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

async function measurer(...tasks: Parameters<typeof measuring>) {
  const made = await measuring(...tasks);
  open.push(made);
  return made;
}

const good: FakeAnswers = { fold: (name) => ({ error: name === "ridge" ? 1 : 2 }) };

describe("a view that is measured", () => {
  test("has a score of all held-out rows together, of the best family", async () => {
    const { it } = await measurer(good);
    const evidence = await measureView(aView(), it);
    expect(evidence).toMatchObject({ target: "delay", symbol: null, rows: 100, groups: 10, folds: 5 });
    expect(evidence).toMatchObject({ best_family: "ridge", effective_sample_size: 80, note: null });
    const [ridge, trees] = evidence.families;
    expect(evidence.score).toBe(ridge?.score);
    expect(ridge?.score).toBeGreaterThan(trees?.score ?? 1);
    // Not the mean of the folds' own scores, which the fake workers give as 0.5 each.
    expect(ridge?.fold_scores).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    // R² by hand over the hundred rows: 1 − Σ error² / Σ (target − mean)².
    const targets = Array.from({ length: 100 }, (_, i) => i % 17);
    const mean = targets.reduce((a, b) => a + b) / 100;
    const spread = targets.reduce((sum, it) => sum + (it - mean) ** 2, 0);
    const error = targets.reduce((sum, _, i) => sum + (((i * 7) % 5) - 2) ** 2, 0);
    expect(evidence.score).toBeCloseTo(1 - error / spread, 12);
  });

  test("has an interval clustered by the split's group", async () => {
    const pool = openComputePool({ workers: 0 });
    const { it } = await measurer(good, { pool });
    const evidence = await measureView(aView(), it);
    await pool.close();
    expect(evidence.interval_method).toBe("percentile bootstrap, 999 replicates, clustered by day");
    expect(evidence.score_low).toBeLessThan(evidence.score ?? 0);
    expect(evidence.score_high).toBeGreaterThan(evidence.score ?? 1);
  });

  test("records what each family needed: seconds per fold, the largest memory", async () => {
    const { it } = await measurer(good);
    const { families } = await measureView(aView(), it);
    expect(families[0]).toMatchObject({ fit_seconds: [0.5, 0.5, 0.5, 0.5, 0.5], peak_memory_bytes: 1_004 });
  });

  test("takes its stability from the best family's rankings of features, fold by fold", async () => {
    const orders = [
      { a: 3, b: 2, c: 1 },
      { a: 1, b: 2, c: 3 },
    ];
    const { it } = await measurer({
      fold: (name, fold) => ({
        error: name === "ridge" ? 1 : 2,
        importances: orders[name === "trees" ? fold % 2 : 0] ?? {},
      }),
    });
    const { stability, stability_metrics: metrics } = await measureView(aView(), it);
    expect([stability, metrics]).toEqual([
      "STABLE",
      { snapshots: 5, mean_overlap: 1, std_overlap: 0, mean_tau: 1, std_tau: 0 },
    ]);
  });

  test("doesn't count a fold that ranks nothing among them", async () => {
    const { it } = await measurer({ fold: (_, fold) => ({ error: 1, importances: fold < 4 ? {} : { a: 1 } }) });
    const { stability, stability_metrics: metrics } = await measureView(aView(), it);
    expect([stability, metrics.snapshots]).toEqual(["NOT_MEASURED", 1]);
  });

  test("carries what the detectors found, and the features it was measured with", async () => {
    const single = { feature: "a", kind: "value", score: 0.99 };
    const { it } = await measurer({ ...good, prepared: { single_features: [single] } });
    const input = viewInput({ features: { features: ["a", "b"], excluded: [] } });
    const evidence = await measureView(viewTask(input), it);
    expect(evidence.leakage_status).toBe("BLOCKED");
    expect(evidence.leakage.map(({ detector, feature }) => [detector, feature])).toEqual([
      ["known_after", "b"],
      ["single_feature", "a"],
    ]);
    expect(evidence.features).toEqual(["a", "b"]);
  });

  test("reports every task, and their number once its folds are known", async () => {
    const { it, reported, counts } = await measurer(good);
    const view = aView({ segment: { column: "carrier", value: "UA" } });
    expect((await measureView(view, it)).symbol).toBe("UA");
    expect(counts).toEqual([11]);
    expect(reported).toHaveLength(11);
    expect(reported[0]).toEqual({ isReused: false, what: "delay/UA: rows" });
    expect(reported.map(({ what }) => what)).toContain("delay/UA: trees, fold 5 of 5");
  });
});

describe("a family that fails on a fold", () => {
  test("is recorded with its error; the others count", async () => {
    const { it } = await measurer({
      fold: (name, fold) => (name === "ridge" && fold === 3 ? { failure: "one class only" } : { error: 1 }),
    });
    const evidence = await measureView(aView(), it);
    expect(evidence.best_family).toBe("trees");
    expect(evidence.families[0]).toMatchObject({
      family: "ridge",
      score: null,
      error: { code: "training/failed", message: "one class only" },
      fold_scores: [0.5, 0.5, 0.5, null, 0.5],
    });
  });

  test("that kills its worker is evidence too, and isn't repeated", async () => {
    const death = new AppError({ code: "training/worker-failed", message: "Worker 1 ended with SIGKILL" });
    const { it, tasks } = await measurer({ fold: (name) => (name === "trees" ? { throws: death } : { error: 1 }) });
    const view = aView();
    const first = await measureView(view, it);
    expect(first.families[1]?.error).toEqual({
      code: "training/worker-failed",
      message: "Worker 1 ended with SIGKILL",
    });
    tasks.length = 0;
    expect(await measureView(view, it)).toEqual(first);
    expect(tasks).toEqual([]);
  });

  test("gives no score if none could be fitted", async () => {
    const { it } = await measurer({ fold: () => ({ failure: "no" }) });
    const evidence = await measureView(aView(), it);
    expect(evidence).toMatchObject({ score: null, best_family: null, stability: "NOT_MEASURED", score_low: null });
  });

  test("reports why its score is undefined", async () => {
    const { it } = await measurer({ fold: () => ({ error: Number.POSITIVE_INFINITY }) }, {});
    // DuckDB has no literal of that name, so the fake fold fails as a fit would.
    const evidence = await measureView(aView(), it);
    expect(evidence.families.every(({ score, error }) => score === null && error !== null)).toBe(true);
  });
});

describe("a view of fewer than two folds", () => {
  test("is a recorded failure of each family, with the reason; nothing is fitted", async () => {
    const { it, tasks, counts } = await measurer({ prepared: { folds: 1, note: "one group only" } });
    const evidence = await measureView(aView(), it);
    expect(tasks).toEqual(["prepare"]);
    expect(counts).toEqual([1]);
    expect(evidence).toMatchObject({ score: null, folds: 1, note: "one group only", stability: "NOT_MEASURED" });
    expect(evidence.families.map(({ error }) => error)).toEqual([
      { code: "routing/assess-failed", message: "one group only" },
      { code: "routing/assess-failed", message: "one group only" },
    ]);
  });
});

describe("earlier evidence", () => {
  test("is reused under an equal signature, and reported as reused", async () => {
    const { it, tasks, reported } = await measurer(good);
    const view = aView();
    const first = await measureView(view, it);
    tasks.length = reported.length = 0;
    expect(await measureView(view, it)).toEqual(first);
    expect(tasks).toEqual([]);
    expect(reported).toHaveLength(11);
    expect(reported.every(({ isReused }) => isReused)).toBe(true);
  });

  test("is measured again on request", async () => {
    const { it, tasks } = await measurer(good);
    const view = aView();
    await measureView(view, it);
    tasks.length = 0;
    await measureView(view, { ...it, isFresh: true });
    expect(tasks).toHaveLength(11);
  });

  test("of a family with other parameters is untouched: only that family is measured", async () => {
    const { it, tasks } = await measurer(good);
    const input = viewInput();
    await measureView(viewTask(input), it);
    tasks.length = 0;
    const target = delay([family("ridge"), family("trees", { params: { alpha: 2 } })]);
    await measureView(viewTask({ ...input, target }), it);
    expect(tasks).toEqual([0, 1, 2, 3, 4].map((fold) => `fold trees ${fold}`));
  });

  test.each(["cut off", "of another signature"])("that is %s is measured again", async (what) => {
    const { it, tasks } = await measurer(good);
    const view = aView();
    await measureView(view, it);
    tasks.length = 0;
    const file = view.paths.fold(familySignature(view, family("ridge")), 2);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, what === "cut off" ? text.slice(0, -9) : text.replace(/"signature": ?"../, '"signature":"zz'));
    await measureView(view, it);
    expect(tasks).toEqual(["fold ridge 2"]);
  });

  test("without its held-out predictions is measured again", async () => {
    const { it, tasks } = await measurer(good);
    const view = aView();
    const first = await measureView(view, it);
    tasks.length = 0;
    rmSync(view.paths.heldOut(familySignature(view, family("ridge")), 2));
    expect(await measureView(view, it)).toEqual(first);
    expect(tasks).toEqual(["fold ridge 2"]);
  });
});

describe("an assessment that is cancelled", () => {
  test("records no failure", async () => {
    const { it } = await measurer({ fold: (_, fold) => (fold === 1 ? { throws: cancelled() } : { error: 1 }) });
    const view = aView();
    await expect(measureView(view, it)).rejects.toMatchObject({ code: "internal/cancelled" });
    expect(existsSync(view.paths.fold(familySignature(view, family("ridge")), 1))).toBe(false);
  });

  test("doesn't record errors that result from cancelling as evidence", async () => {
    const stop = new AbortController();
    const { it } = await measurer(
      {
        fold: (_, fold) => {
          if (fold !== 1) return { error: 1 };
          stop.abort();
          return { throws: new Error("the pipe is closed") };
        },
      },
      { signal: stop.signal },
    );
    const view = aView();
    await expect(measureView(view, it)).rejects.toThrow("the pipe is closed");
    expect(existsSync(view.paths.fold(familySignature(view, family("ridge")), 1))).toBe(false);
  });
});

describe("features that are selected first", () => {
  const selection = { method: "importance", top_n: 1, seeds: [1] } as const;

  test("are those of the family that won", async () => {
    const { it, tasks } = await measurer({ ...good, selected: (name) => [`chosen by ${name}`] });
    const evidence = await measureView(aView({ selection: { ...selection, seeds: [1] } }), it);
    expect(tasks.at(-1)).toBe("select ridge");
    expect(evidence.features).toEqual(["chosen by ridge"]);
  });

  test("are all of the view's if nothing could be fitted", async () => {
    const { it, tasks } = await measurer({ fold: () => ({ failure: "no" }) });
    const evidence = await measureView(aView({ selection: { ...selection, seeds: [1] } }), it);
    expect(evidence.features).toEqual(["a"]);
    expect(tasks).not.toContain("select ridge");
  });
});

describe("the best of families", () => {
  const measured = (name: string, score: number | null, isFailed = false) => ({
    evidence: {
      ...{ family: name, type: "ridge", stage: 1 as const, signature: "s", folds: 5, score, fold_scores: [] },
      ...{ fit_seconds: [], peak_memory_bytes: null, error: isFailed ? { code: "c", message: "m" } : null },
    },
    heldOut: null,
    snapshots: [],
  });

  test("is the one with the highest score, among equal ones the first by name", () => {
    const best = (...all: readonly ReturnType<typeof measured>[]) => bestOf(all)?.evidence.family;
    expect(best(measured("b", 0.6), measured("a", 0.6), measured("c", 0.5))).toBe("a");
    expect(best(measured("a", -3), measured("b", -1))).toBe("b");
    expect(best(measured("a", 0), measured("b", null))).toBe("a");
    expect(best(measured("a", 0.9, true), measured("b", 0.1))).toBe("b");
    expect(best(measured("a", null, true))).toBeUndefined();
  });
});
