import { execFile } from "node:child_process";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";

/** The options of a benchmark. */
export interface BenchOptions {
  /** Interleaved repeats of each contestant; the minimum counts. At least 5. */
  readonly repeats: number;
  /** Interpreter with NumPy, pandas and scikit-learn for peers written in Python. */
  readonly python: () => Promise<string>;
  readonly log: (line: string) => void;
  /** `--rows N`: tries a long benchmark with another size; its figures aren't a measurement. */
  readonly trial?: { readonly rows: number; readonly repeats: number } | undefined;
}

/** One measured side of a comparison. */
export interface Contestant {
  readonly name: string;
  /** Seconds of every repeat. */
  readonly seconds: readonly number[];
  /** The minimum. */
  readonly bestSeconds: number;
  /** Largest peak resident size; null if it wasn't measured. */
  readonly peakBytes: number | null;
}

export interface BenchLine {
  /** What is compared, with its size: "mean of 10,000 rows, 999 replicates". */
  readonly what: string;
  readonly own: Contestant;
  readonly peer: Contestant | null;
  /** own / peer, in the unit of the bar. */
  readonly ratio: number | null;
  /** "≤ 0.6": the condition. */
  readonly bar: string;
  readonly stretch: string | null;
  readonly verdict: "meets the stretch" | "meets the bar" | "falls short" | "shown only";
}

/** The result of `run` in every `bench/<name>.ts`. */
export interface BenchResult {
  readonly lines: readonly BenchLine[];
  /** Notes for readers of the figures. */
  readonly notes: readonly string[];
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>;

export interface Measurement {
  readonly seconds: number;
  readonly peakBytes?: number | null;
}

export interface Runner {
  readonly name: string;
  /** Runs once and reports how long the work itself took. */
  readonly once: () => Measurement | Promise<Measurement>;
}

/** Runs the contestants in turns, so that other load on the machine affects all alike. */
export async function interleaved(
  runners: readonly Runner[],
  repeats: number,
  least = 5,
): Promise<readonly Contestant[]> {
  const measured = runners.map(() => [] as Measurement[]);
  for (let repeat = 0; repeat < Math.max(least, repeats); repeat++)
    for (const [index, runner] of runners.entries()) measured[index]?.push(await runner.once());
  return runners.map(({ name }, index) => {
    const all = measured[index] ?? [];
    const seconds = all.map((one) => one.seconds);
    const peaks = all.map((one) => one.peakBytes ?? 0);
    return { name, seconds, bestSeconds: Math.min(...seconds), peakBytes: Math.max(...peaks) || null };
  });
}

/** Measures the seconds of a piece of work in this process. */
export async function timed(work: () => unknown): Promise<Measurement> {
  const start = performance.now();
  await work();
  return { seconds: (performance.now() - start) / 1000 };
}

export interface RatioBar {
  readonly what: string;
  readonly own: Contestant;
  readonly peer: Contestant;
  /** The largest allowed ratio, and the target. */
  readonly bar: number;
  readonly stretch?: number;
  /** Whether to compare peak memory instead of time. */
  readonly isMemory?: boolean;
}

/** Makes a line whose ratio own / peer must not exceed a bar. */
export function atMost({ what, own, peer, bar, stretch, isMemory = false }: RatioBar): BenchLine {
  const measure = (one: Contestant) => (isMemory ? (one.peakBytes ?? Number.NaN) : one.bestSeconds);
  const ratio = measure(own) / measure(peer);
  const verdict =
    stretch !== undefined && ratio <= stretch ? "meets the stretch" : ratio <= bar ? "meets the bar" : "falls short";
  return { what, own, peer, ratio, bar: `≤ ${bar}`, stretch: stretch === undefined ? null : `≤ ${stretch}`, verdict };
}

/** Makes a line without a bar: a floor or a part, for information. */
export function shownOnly(it: {
  readonly what: string;
  readonly own: Contestant;
  readonly peer?: Contestant;
}): BenchLine {
  const ratio = it.peer === undefined ? null : it.own.bestSeconds / it.peer.bestSeconds;
  return {
    what: it.what,
    own: it.own,
    peer: it.peer ?? null,
    ratio,
    bar: "none",
    stretch: null,
    verdict: "shown only",
  };
}

/**
 * Runs a program that times itself and prints a JSON document `{"seconds": …, "peak_bytes": …}` as its last line;
 * start and imports don't count.
 */
export async function selfTimed(command: string, args: readonly string[]): Promise<Measurement> {
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(command, [...args], { env, maxBuffer: 1 << 26 });
  const report: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  if (typeof report !== "object" || report === null || !("seconds" in report) || typeof report.seconds !== "number")
    throw new Error(`${command} printed no time: ${stdout.slice(-200)}`);
  const peak = "peak_bytes" in report && typeof report.peak_bytes === "number" ? report.peak_bytes : null;
  return { seconds: report.seconds, peakBytes: peak };
}

/** Python lines that a self-timing peer ends with: prints `elapsed` and its own peak resident size. */
export const pythonReport = `
import json, resource
print(json.dumps({"seconds": elapsed, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
`;
