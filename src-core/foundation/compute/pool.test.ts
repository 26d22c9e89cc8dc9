import { afterAll, describe, expect, it } from "vitest";
import { metricsOf } from "../../contract/evaluation/metrics.ts";
import { measureWithIntervals } from "./intervals.ts";
import { openComputePool } from "./pool.ts";
import type { ReplicateJob } from "./replicates.ts";
import type { ScoredRows } from "./scored-rows.ts";

/** Numbers in [0, 1) from a fixed formula: only that they differ matters. */
const noise = (i: number) => (Math.sin(i * 12.9898) * 43_758.5453) % 1;
const share = (i: number) => Math.abs(noise(i));

function regressionRows(n: number, shift = 0): ScoredRows {
  return {
    task: "regression",
    target: Float64Array.from({ length: n }, (_, i) => 3 + noise(i)),
    prediction: Float64Array.from({ length: n }, (_, i) => 3 + noise(i + shift) / 2),
    classCount: 1,
  };
}

const binaryRows: ScoredRows = {
  task: "binary",
  target: Float64Array.from({ length: 400 }, (_, i) => (share(i) > 0.6 ? 1 : 0)),
  prediction: Float64Array.from({ length: 400 }, (_, i) => (share(i) + share(i + 7)) / 2),
  classCount: 2,
};

const jobs: readonly ReplicateJob[] = [
  {
    sides: [regressionRows(900), regressionRows(900, 5)],
    metrics: metricsOf("regression", { hasGroup: false }),
    clusters: null,
    seed: 42,
    replicates: 131,
  },
  {
    sides: [binaryRows],
    metrics: metricsOf("binary", { hasGroup: true }),
    clusters: { of: Int32Array.from({ length: 400 }, (_, i) => i % 23), count: 23 },
    seed: 7,
    replicates: 131,
  },
];

const pools = [0, 1, 2, 4].flatMap((workers) =>
  [7, 64].map((blockReplicates) => openComputePool({ workers, blockReplicates, smallWork: 0 })),
);
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

describe("the compute pool", () => {
  it("gives the same bits for 0, 1, 2 and 4 workers and any block", async () => {
    for (const job of jobs) {
      const results = await Promise.all(pools.map((pool) => pool.replicates(job)));
      const [first, ...others] = results.map((values) => Buffer.from(values.buffer).toString("hex"));
      expect(results[0]?.some(Number.isNaN)).toBe(false);
      for (const other of others) expect(other).toBe(first);
    }
  });

  it("gives a metric the same replicates whatever is computed with it", async () => {
    const [job] = jobs;
    const [pool] = pools;
    if (!job || !pool) return expect.fail("no job");
    const alone = await pool.replicates({ ...job, metrics: ["r2"] });
    const together = await pool.replicates(job);
    const column = job.metrics.indexOf("r2");
    for (let r = 0; r < job.replicates; r++)
      for (const side of [0, 1])
        expect(together[(r * job.metrics.length + column) * 2 + side]).toBe(alone[r * 2 + side]);
  });

  it.each([0, 2])("stops when cancelled, with %i workers, and works again afterwards", async (workers) => {
    const pool = openComputePool({ workers, smallWork: 0, blockReplicates: 1 });
    const [job] = jobs;
    if (!job) return expect.fail("no job");
    const controller = new AbortController();
    const running = pool.replicates({ ...job, replicates: 100_000 }, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await expect(running).rejects.toMatchObject({ code: "internal/cancelled" });
    expect((await pool.replicates({ ...job, replicates: 2 })).length).toBe(2 * job.metrics.length * 2);
    await pool.close();
  });

  it("brings a worker's error back as the caller's", async () => {
    const [job] = jobs;
    if (!job) return expect.fail("no job");
    const broken = { ...job, clusters: { of: Int32Array.from([0]), count: -1 } };
    const pool = openComputePool({ workers: 1, smallWork: Number.NEGATIVE_INFINITY });
    await expect(pool.replicates(broken)).rejects.toMatchObject({ name: "AppError", code: "internal/unexpected" });
    await pool.close();
  });
});

describe("intervals", () => {
  const [pool = openComputePool({ workers: 0 })] = pools;

  it("hold the point, grow with confidence and name their method", async () => {
    const request = { rows: regressionRows(500), metrics: metricsOf("regression", { hasGroup: false }), seed: 1 };
    const narrow = await measureWithIntervals({ ...request, confidence: 0.8 }, pool);
    const wide = await measureWithIntervals(request, pool);
    for (const metric of metricsOf("regression", { hasGroup: false })) {
      const [n, w] = [narrow[metric], wide[metric]];
      expect(w?.low).toBeLessThan(n?.low ?? Number.NaN);
      expect(w?.high).toBeGreaterThan(n?.high ?? Number.NaN);
      expect(w?.value).toBeGreaterThan(w?.low ?? Number.NaN);
      expect(w?.value).toBeLessThan(w?.high ?? Number.NaN);
      expect(w?.method).toBe("percentile bootstrap, 999 replicates");
    }
  });

  it("resample clusters whole: rows that repeat within a cluster add no certainty", async () => {
    const few = regressionRows(40);
    const repeat = (values: Float64Array) => Float64Array.from({ length: 400 }, (_, i) => values[i % 40] ?? 0);
    const many = { ...few, target: repeat(few.target), prediction: repeat(few.prediction) };
    const clusters = { of: Int32Array.from({ length: 400 }, (_, i) => i % 40), count: 40, by: ["dest"] };
    const once = await measureWithIntervals({ rows: few, metrics: ["mae"], seed: 1 }, pool);
    const clustered = await measureWithIntervals({ rows: many, metrics: ["mae"], clusters, seed: 1 }, pool);
    expect(clustered.mae?.low).toBeCloseTo(once.mae?.low ?? 0, 12);
    expect(clustered.mae?.method).toBe("percentile bootstrap, 999 replicates, clustered by dest");
  });

  it("don't claim certainty by a zero width if nothing varied", async () => {
    const clusters = { of: new Int32Array(20), count: 1, by: ["shop"] };
    const oneShop = await measureWithIntervals({ rows: regressionRows(20), metrics: ["mae"], clusters, seed: 1 }, pool);
    expect(oneShop.mae).toMatchObject({ low: null, high: null, whyNoInterval: "all of it is one shop" });
    const oneRow = await measureWithIntervals({ rows: regressionRows(1), metrics: ["mae"], seed: 1 }, pool);
    expect(oneRow.mae).toMatchObject({ low: null, whyNoInterval: "all of it is one row" });
    const right: ScoredRows = { ...binaryRows, prediction: binaryRows.target.map((y) => (y === 1 ? 0.9 : 0.1)) };
    const perfect = await measureWithIntervals({ rows: right, metrics: ["accuracy", "f1"], seed: 1 }, pool);
    // Clopper and Pearson's lower bound for 400 of 400 is 0.025 ** (1 / 400).
    expect(perfect.accuracy).toMatchObject({ value: 1, high: 1, method: "Clopper–Pearson", n: 400 });
    expect(perfect.accuracy?.low).toBeCloseTo(0.025 ** (1 / 400), 9);
    expect(perfect.f1).toMatchObject({ value: 1, low: null, whyNoInterval: "the same on every resample" });
  });

  it("withhold what can't be measured and say why", async () => {
    const measured = await measureWithIntervals({ rows: binaryRows, metrics: ["rmse", "roc_auc"], seed: 1 }, pool);
    expect(measured.rmse).toMatchObject({ value: null, low: null, note: "rmse is not defined for a binary task" });
    const one = { ...binaryRows, target: Float64Array.from({ length: 400 }, (_, i) => (i === 0 ? 1 : 0)) };
    const rare = await measureWithIntervals({ rows: one, metrics: ["roc_auc"], seed: 1 }, pool);
    expect(rare.roc_auc?.low).toBeNull();
    expect(rare.roc_auc?.whyNoInterval).toContain("resamples");
  });
});
