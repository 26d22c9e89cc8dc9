import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { OperationOutput } from "../../../src-core/contract/index.ts";
import type { RunReport } from "../../../src-core/contract/runs.ts";
import { jobPaths } from "../../../src-core/foundation/exec/job-files.ts";
import { appRoot } from "../../../src-core/foundation/files/entry-points.ts";
import { killAndWait, killOurs, runnersOf, supervisorOf } from "../kill-processes.ts";
import { recordedEnvironment, recordedPlace, recordedProject } from "./recorded-place.ts";
import { recordedTable } from "./recorded-table.ts";

/** Creates a project with everything that a later version must be able to continue, by the product's own commands. */

/** The parts of the project that the recording must name. */
export interface RecordedStory {
  /** Finished runs, oldest first. */
  readonly finished: readonly string[];
  /** A run that was killed after its training had ended: `runs resume` continues it. */
  readonly interrupted: { readonly runId: string; readonly set: readonly string[] };
  /** Operations that the next supervisor continues, in their order: a running one whose job was killed, too, and a waiting one. */
  readonly unfinished: readonly string[];
}

const targets = `
targets:
  - { name: minutes, column: minutes, task: regression, horizon_minutes: 30, families: [ridge, broken], promotion: configs/promotion-minutes.yaml }
  - { name: late/very, sql: "late = 1", task: binary, positive_class: true, families: [logit, net] }
segments: { column: depot }
families:
  ridge: {}
  broken: { type: ridge, params: { solver: lbfgs } }
  logit: { type: logistic_regression }
  net: { type: mlp, params: { hidden_layer_sizes: [4], max_iter: 30 } }
`;

const everyStability = "[STABLE, DRIFTING, UNKNOWN, DIVERGED]";

const files: Readonly<Record<string, string>> = {
  "configs/models/v1.yaml": "version: 1\nmodel: { type: logistic_regression }\nseed: 42\n",
  "configs/models/v2.yaml": "version: 1\nmodel: { type: logistic_regression, params: { C: 0.01 } }\nseed: 42\n",
  "configs/models/v3.yaml": "version: 1\nmodel: { type: hist_gradient_boosting, params: { max_iter: 12 } }\nseed: 42\n",
  "configs/splits/v1.yaml": `version: 1
rules: 2
strategy: group_hash
salt: deliveries/v1
group: [day]
test_basis_points: 2500
optional_tests:
  - { name: south, filter: { sql: "depot = 'south'" } }
  - { name: late_days, moving_period: { column: day, durations: [14d] } }
`,
  "configs/splits/v2.yaml": `version: 1
rules: 2
strategy: stratified_hash
salt: deliveries/v2
strata: [depot]
test_basis_points: 2500
accept: [duplicates]
optional_tests:
  - { name: south, filter: { sql: "depot = 'south'" } }
`,
  "configs/promotion.yaml": `version: 1
primary: { metric: reference_log_loss, goal: superiority }
decision_rule: bootstrap
alpha: 0.05
min_units: 60
replicates: 999
gates:
  - { metric: reference_roc_auc, threshold: 0.6, max_absolute_regression: 0.02, max_relative_regression: 0.05 }
  - { metric: south_log_loss, max_relative_regression: 0.25 }
`,
  "configs/promotion-minutes.yaml": `version: 1
primary: { metric: reference_rmse, goal: non_inferiority, margin: 0.05 }
decision_rule: bootstrap
min_units: 30
min_clusters: 5
replicates: 999
gates:
  - { metric: reference_mae, max_relative_regression: 0.05 }
`,
  "configs/routing.yaml": `version: 1
min_sample_size: { cross_sectional: 300, symbol: 150 }
stability_allowlist: { cross_sectional: ${everyStability}, symbol: ${everyStability} }
`,
};

export async function makeRecordedProject(): Promise<RecordedStory> {
  const table = path.join(recordedPlace, "deliveries.csv");
  writeFileSync(table, recordedTable());
  await signalbox(["init", recordedProject, "--table", table, "--target", "late", "--key", "id", "--group", "day"]);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(recordedProject, name), text);
  appendFileSync(path.join(recordedProject, "signalbox.yaml"), targets);

  const first = await run();
  const second = await run("model_version=2");
  await json("promotion", "override", second, "--reason", "a smoother model was asked for");
  await json("promotion", "rollback", "--reason", "complaints from the southern depot");
  const rescored = await run("split_version=2", "model_version=3");
  const { training } = await json<OperationOutput<"routing.run">>("routing", "run", "--only", "target=minutes");
  const planned = training.jobs.flatMap((job) => (job.state === "succeeded" ? [job.runId ?? ""] : []));

  const set = ["model_version=3"];
  const interrupted = await interruptAfterTraining(set);
  const unfinished = await leaveUnfinished();
  return { finished: [first, second, rescored, ...planned], interrupted: { runId: interrupted, set }, unfinished };
}

async function run(...set: readonly string[]): Promise<string> {
  const report = await json<RunReport>("run", ...set.flatMap((it) => ["--set", it]));
  return report.run.runId;
}

/** The supervisor is killed while a model is trained, the job ends without it, and the operation is cancelled. */
async function interruptAfterTraining(set: readonly string[]): Promise<string> {
  const operation = await detach("run", ...set.flatMap((it) => ["--set", it]));
  const { runId, runDir } = await runAtTraining(operation);
  await killAndWait(supervisorOf(at));
  const { exit } = jobPaths(path.join(runDir, "train"));
  while (!existsSync(exit)) await pause(50);
  if (JSON.parse(readFileSync(exit, "utf8")).code !== 0) throw new Error(`The training of ${runId} failed.`);
  await signalbox(["operations", "cancel", operation], [0, 130]);
  await killAndWait(supervisorOf(at));
  return runId;
}

/** Supervisor and job are killed while a model is trained, and a job of the plan waits after them. */
async function leaveUnfinished(): Promise<readonly string[]> {
  const atWork = await detach("run", "--seed", "7");
  const waiting = await detach("train", "--only", "target=late/very,segment=CS");
  const { runId, runDir } = await runAtTraining(atWork);
  const supervisor = supervisorOf(at);
  const runners = runnersOf({ ...at, runId });
  await killAndWait(supervisor);
  for (const runner of runners) killOurs(runner);
  if (runners.length === 0 || existsSync(jobPaths(path.join(runDir, "train")).exit))
    throw new Error(`The training of ${runId} was over before it could be killed.`);
  return [atWork, waiting];
}

const at = { project: recordedProject, env: recordedEnvironment };

async function detach(...args: readonly string[]): Promise<string> {
  const { operation } = await json<{ readonly operation: string }>(...args, "--detach");
  return operation;
}

/** Returns once the operation's run has a running job. */
async function runAtTraining(operation: string): Promise<{ readonly runId: string; readonly runDir: string }> {
  for (;;) {
    const { operations } = await json<OperationOutput<"operations.list">>("operations", "list", "--active");
    const runId = operations.find((it) => it.id === operation)?.runId ?? null;
    const runDir = path.join(recordedProject, ".signalbox", "runs", runId ?? "");
    if (runId !== null && existsSync(path.join(runDir, "train", "job.json"))) {
      while (runnersOf({ ...at, runId }).length === 0) await pause(10);
      return { runId, runDir };
    }
    await pause(20);
  }
}

async function json<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await signalbox([...args, "--json"]));
}

/** Runs a command of `bin/signalbox` and returns its standard output. */
function signalbox(args: readonly string[], codes: readonly number[] = [0]): Promise<string> {
  const child = spawn(path.join(appRoot, "bin", "signalbox"), args, {
    cwd: existsSync(recordedProject) ? recordedProject : recordedPlace,
    env: { ...process.env, NO_COLOR: "1", ...recordedEnvironment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes) => {
    output.stdout += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    output.stderr += String(bytes);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (codes.includes(code ?? -1)) resolve(output.stdout);
      else reject(new Error(`signalbox ${args.join(" ")} ended with ${code}:\n${output.stderr}`));
    });
  });
}
