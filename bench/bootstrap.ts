import { prepareJob, type ReplicateJob } from "../src-core/foundation/compute/replicates.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, pythonReport, selfTimed, timed } from "./bench.ts";

interface Size {
  readonly rows: number;
  readonly replicates: number;
}

/** A typical size of a reference test, and one whose rows don't fit into the second-level cache. */
const sizes: readonly Size[] = [
  { rows: 10_000, replicates: 999 },
  { rows: 100_000, replicates: 99 },
];

/** Bootstrap of a mean (of absolute errors) on one core against NumPy with int32 indices. */
export async function run({ repeats, python, log }: BenchOptions): Promise<BenchResult> {
  const interpreter = await python();
  const lines: BenchResult["lines"][number][] = [];
  for (const size of sizes) {
    const compute = prepareJob(jobOf(size));
    compute(0, 20);
    const [own, peer] = await interleaved(
      [
        { name: "signalbox", once: () => timed(() => compute(0, size.replicates)) },
        {
          name: "NumPy",
          once: async () => ({ ...(await selfTimed(interpreter, ["-c", numpyBootstrap(size)])), peakBytes: null }),
        },
      ],
      repeats,
    );
    if (!own || !peer) throw new Error("A contestant wasn't measured.");
    log(`${size.rows} rows measured`);
    const what = `mean of ${size.rows.toLocaleString("en")} rows, ${size.replicates} resamples, one core`;
    lines.push(atMost({ what, own, peer, bar: 0.6, stretch: 0.4 }));
  }
  return { lines, notes: ["Indices: Philox4x32-7, exactly uniform; NumPy: PCG64 and rng.integers(dtype=int32)."] };
}

function jobOf({ rows, replicates }: Size): ReplicateJob {
  const target = Float64Array.from({ length: rows }, (_, i) => i % 97);
  const prediction = Float64Array.from({ length: rows }, (_, i) => (i * 31) % 89);
  const side = { task: "regression", target, prediction, classCount: 1 } as const;
  return { sides: [side], metrics: ["mae"], clusters: null, seed: 42, replicates };
}

function numpyBootstrap({ rows, replicates }: Size): string {
  return `
import time
import numpy as np
index = np.arange(${rows})
values = np.abs((index % 97) - (index * 31) % 89).astype(np.float64)
generator = np.random.default_rng(42)
means = np.empty(${replicates})
def work(count):
    for replicate in range(count):
        drawn = generator.integers(0, ${rows}, size=${rows}, dtype=np.int32)
        means[replicate] = values[drawn].mean()
work(20)
start = time.perf_counter()
work(${replicates})
elapsed = time.perf_counter() - start
${pythonReport}`;
}
