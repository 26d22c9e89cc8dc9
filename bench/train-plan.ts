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
/** Minutes each: the better of two, each beside the fits of the same repeat. */
const fullRepeats = 2;
/** Shorter fits than these and the steps around them would be what is measured. */
const leastFitSeconds = 10;

/**
 * `signalbox train` of a plan of six jobs, two at once, against what its fits alone would take two at once: half of the sum of the fit
 * times that the runs record. Splitting off the view, evaluating, the gate, MLflow and the starts of all processes are on our side only.
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

/** As the runs record them. A job that failed or was reused makes the repeat none. */
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
  // The fits of the same repeat: what else the machine did met both.
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
      "The whole process, from its start to its report; the evidence and the plan are there, each repeat trains all jobs anew.",
      "The fits' times are the runs' own records of the same repeat, each with one thread.",
      ...(isTrial ? ["A trial on another size, from source: no measurement."] : []),
      ...(!isTrial && shortest < leastFitSeconds
        ? [`A fit took less than ${leastFitSeconds} s: give it more rows, so that the steps around it don't count.`]
        : []),
    ],
  };
}
