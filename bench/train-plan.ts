import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { trainOutputSchema } from "../src-core/contract/routing/routing-output.ts";
import { trainResultSchema } from "../src-core/contract/runs/stage-results.ts";
import { ensureServer, stopServer } from "../src-core/foundation/mlflow/server/server.ts";
import { atMost, type BenchOptions, type BenchResult, type Contestant, timed } from "./bench.ts";
import { entryPoint } from "./entry-point.ts";
import { fullRows, makeProject } from "./train-plan-project.ts";

const atOnce = 2;
/** Minutes each: the better of two, each compared with the fits of the same repeat. */
const fullRepeats = 2;
/** With shorter fits, the steps around them would dominate. */
const leastFitSeconds = 10;

/**
 * `signalbox train` of a plan of six jobs, two at a time, against the fits alone, two at a time: half of the sum of the fit times that
 * the runs record. Our time includes selecting the view, evaluation, the gate, MLflow and the start of all processes.
 */
export async function run({ python, log, trial }: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-train-plan-"));
  const serverFolder = path.join(folder, "mlflow");
  mkdirSync(serverFolder);
  try {
    const interpreter = await python();
    const cli = entryPoint(trial !== undefined);
    const server = await ensureServer({ folder: serverFolder, python: async () => interpreter, env: process.env });
    const { PYTHONDONTWRITEBYTECODE: _, ...inherited } = process.env;
    const env = { ...inherited, MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "500" };
    const project = await makeProject(folder, { cli, env, rows: trial?.rows ?? fullRows });
    const signalbox = (...args: readonly string[]) =>
      execFileSync(process.execPath, [...cli, ...args, "--project", project, "--json"], {
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
        maxBuffer: 1 << 26,
      });
    signalbox("assess");
    signalbox("route", "build");
    signalbox("plan", "build");
    log("assessed, routed and planned");
    const repeats: TrainedPlan[] = [];
    for (let repeat = 0; repeat < (trial?.repeats ?? fullRepeats); repeat++) {
      let output = "";
      const { seconds } = await timed(() => {
        output = signalbox("train", "--fresh", "--no-promote", "--jobs", String(atOnce));
      });
      const fits = fitSeconds(project, output);
      repeats.push({ seconds, fits });
      log(`${seconds.toFixed(1)} s, fits of ${fits.map((one) => one.toFixed(1)).join(", ")} s`);
    }
    return resultOf(repeats, trial !== undefined);
  } finally {
    await stopServer(serverFolder, 500);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

interface TrainedPlan {
  readonly seconds: number;
  readonly fits: readonly number[];
}

/** The fit times that the runs record. A failed or reused job makes the repeat invalid. */
function fitSeconds(project: string, output: string): readonly number[] {
  const { jobs, counts } = trainOutputSchema.parse(JSON.parse(output));
  if (counts.trained !== counts.planned) throw new Error(`${counts.trained} of ${counts.planned} jobs were trained.`);
  return jobs.map(({ runId }) => {
    const file = path.join(project, ".signalbox", "runs", runId ?? "", "stages", "train.json");
    return trainResultSchema.parse(JSON.parse(readFileSync(file, "utf8"))).fitSeconds;
  });
}

function resultOf(repeats: readonly TrainedPlan[], isTrial: boolean): BenchResult {
  const seconds = repeats.map((one) => one.seconds);
  const floors = repeats.map(({ fits }) => fits.reduce((sum, one) => sum + one, 0) / atOnce);
  const best = seconds.indexOf(Math.min(...seconds));
  const own: Contestant = { name: "signalbox train", seconds, bestSeconds: seconds[best] ?? 0, peakBytes: null };
  // The fits of the same repeat: other load on the machine affected both.
  const floor: Contestant = {
    name: `its fits ${atOnce} at once`,
    seconds: floors,
    bestSeconds: floors[best] ?? 0,
    peakBytes: null,
  };
  const shortest = Math.min(...repeats.flatMap(({ fits }) => fits));
  return {
    lines: [
      atMost({ what: `a plan of ${repeats[0]?.fits.length} jobs, ${atOnce} at once`, own, peer: floor, bar: 1.25 }),
    ],
    notes: [
      "The whole process, from its start to its report; the evidence and the plan exist, and each repeat trains all jobs again.",
      "The fit times are recorded by the runs of the same repeat, each with one thread.",
      ...(isTrial ? ["A trial with another size, from source, not a measurement."] : []),
      ...(!isTrial && shortest < leastFitSeconds
        ? [`A fit took less than ${leastFitSeconds} s: use more rows, so that the steps around it don't count.`]
        : []),
    ],
  };
}
