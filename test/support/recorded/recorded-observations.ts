import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readRun } from "../../../src-core/areas/runs/record/record.ts";
import type { OperationOutput } from "../../../src-core/contract/index.ts";
import type { TrainOutput } from "../../../src-core/contract/routing/routing-output.ts";
import type { RunReport } from "../../../src-core/contract/runs.ts";
import { readSpec } from "../../../src-core/foundation/exec/job-files.ts";
import { lastAttempt } from "../../../src-core/foundation/exec/job-status.ts";
import { cli } from "../cli.ts";
import { recordedEnvironment, recordedProject } from "./recorded-place.ts";
import type { RecordedStory } from "./recorded-story.ts";

type DryRun = Extract<OperationOutput<"runs.start">, { readonly isDryRun: true }>;

/**
 * What a version shows for a recorded project, and how it continues it: without what differs each time (times, ids of new
 * runs, digests of a model's raw bytes) and without hints, so that it can be compared with another version.
 */
export interface Observed {
  /** The ledger as it was recorded, hash by hash, newest first. */
  readonly ledger: OperationOutput<"ledger.list">["entries"];
  readonly verified: { readonly entries: number; readonly head: string | null };
  /** Long operations as they were found: id, operation and state. */
  readonly found: readonly string[];
  /** How waiting and running operations ended, once a supervisor took them up. */
  readonly takenUp: readonly Ended[];
  readonly reproduced: readonly Reproduced[];
  /** The fingerprint of each run's versions. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** The plan, its reused evidence, and a repeated training of its jobs. */
  readonly plan: readonly string[];
  /** Model versions loaded from the tracking server, check by check. */
  readonly loaded: Readonly<Record<string, readonly string[]>>;
  /** A dry run with the interrupted run's versions: which run is resumed, and which results it has. */
  readonly planned: readonly string[];
  readonly resumed: readonly string[];
  /** Key and attempts of each job of the recorded runs, at the end. */
  readonly jobs: Readonly<Record<string, string>>;
  /** Bodies of the decisions made in the process. */
  readonly decided: readonly Decided[];
  readonly entriesInTheEnd: number;
}

interface Ended {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly outcome: readonly string[];
}

interface Decided {
  readonly kind: string;
  readonly actor: string;
  readonly body: { readonly modelName: string };
}

export interface Reproduced {
  readonly runId: string;
  readonly outcome: string;
  /** By kind and name: the common value of both executions, else the outcome with both values. */
  readonly rows: Readonly<Record<string, string | null>>;
}

export async function observeRecordedProject(story: RecordedStory): Promise<Observed> {
  const { entries, head } = await json<OperationOutput<"ledger.verify">>("ledger", "verify");
  const { entries: ledger } = await json<OperationOutput<"ledger.list">>("ledger", "list");
  const { operations } = await json<OperationOutput<"operations.list">>("operations", "list");
  const takenUp = await inTurn(story.unfinished, follow);
  const reproduced = await inTurn(story.finished, reproduce);
  const plain = story.finished.filter((runId) => recordOf(runId)?.planRun === undefined);
  const fingerprints = Object.fromEntries(await inTurn(plain, async (runId) => [runId, await fingerprintOf(runId)]));
  const plan = await planAgain();
  const ensemble = ledger.find((it) => it.modelName.endsWith(".ensemble"))?.modelName ?? "";
  const loaded = Object.fromEntries(await inTurn(["deliveries_model", ensemble], async (it) => [it, await load(it)]));
  const planned = await dryRun(story.interrupted.set);
  const resumed = outcomeOf(await json<RunReport>("runs", "resume", story.interrupted.runId));
  return {
    ledger,
    verified: { entries, head },
    found: operations.map((it) => `${it.id} ${it.operation} ${it.state}`),
    takenUp,
    reproduced,
    fingerprints,
    plan,
    loaded,
    planned: [`resumes ${planned.resumes}`, ...planned.stages.map((it) => `${it.stage} ${it.action}`)],
    resumed,
    jobs: jobsOf(operations.flatMap((it) => it.runId ?? []).concat(story.finished)),
    decided: decisionsAfter(ledger.length),
    entriesInTheEnd: (await json<OperationOutput<"ledger.verify">>("ledger", "verify")).entries,
  };
}

/** One after the other, since each command keeps the machine busy. */
async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

async function follow(id: string): Promise<Ended> {
  const row = await json<OperationOutput<"operations.follow">>("operations", "follow", id);
  // By their operations, which the record names.
  const output = row.output as RunReport | TrainOutput | null;
  const outcome = output === null ? [] : "counts" in output ? output.jobs.map(jobWords) : outcomeOf(output);
  return { id, state: row.state, error: row.error?.code ?? null, outcome };
}

const jobWords = (job: TrainOutput["jobs"][number]): string =>
  [job.jobId, job.state, ...(job.isReused ? ["reused"] : []), job.modelName, job.modelVersion, job.verdict].join(" ");

const outcomeOf = ({ run, stages }: RunReport): readonly string[] => [
  `${run.runId} ${run.status} ${run.verdict}`,
  ...stages.map((it) => `${it.stage} ${it.state}`),
];

async function reproduce(runId: string): Promise<Reproduced> {
  const { outcome, rows } = await json<OperationOutput<"runs.reproduce">>("reproduce", runId);
  const value = (row: (typeof rows)[number]) =>
    row.outcome === "equal" ? row.original : `${row.outcome}: ${row.original} | ${row.again}`;
  return { runId, outcome, rows: Object.fromEntries(rows.map((row) => [`${row.kind} ${row.name}`, value(row)])) };
}

async function fingerprintOf(runId: string): Promise<string> {
  const set = Object.entries(recordOf(runId)?.versions ?? {}).map(([key, version]) => `${key}=${version}`);
  return (await dryRun(set)).fingerprint;
}

const dryRun = (set: readonly string[]) =>
  json<DryRun>("run", "--dry-run", ...set.flatMap((version) => ["--set", version]));

async function planAgain(): Promise<readonly string[]> {
  const { planHash } = await json<OperationOutput<"routing.planCheck">>("plan", "check");
  const { results, reused } = await json<OperationOutput<"routing.assess">>("assess");
  const { jobs } = await json<TrainOutput>("train", "--only", "target=minutes");
  return [`plan ${planHash}`, `${reused} of ${results} results reused`, ...jobs.map(jobWords)];
}

/** Loading runs the code in the model's folder and reads every type that its file names. Other libraries may refuse it. */
async function load(model: string): Promise<readonly string[]> {
  const { stdout, stderr } = await signalbox("models", "verify", model, "1");
  if (stdout === "") return [`refused: ${stderr}`];
  const { checks }: OperationOutput<"models.verify"> = JSON.parse(stdout);
  return checks.map((it) => `${it.check} ${it.code ?? "passed"}`);
}

const runDirOf = (runId: string) => path.join(recordedProject, ".signalbox", "runs", runId);
const recordOf = (runId: string) => readRun(runDirOf(runId));

function jobsOf(runIds: readonly string[]): Observed["jobs"] {
  const jobs: Record<string, string> = {};
  for (const runId of new Set(runIds)) {
    for (const name of readdirSync(runDirOf(runId)).toSorted()) {
      const folder = path.join(runDirOf(runId), name);
      const spec = readSpec(folder);
      // A model that is trained again has other raw bytes, and their digest is in the specification of the evaluation's job.
      const isOfOtherModel = name !== "train" && lastAttempt(path.join(runDirOf(runId), "train")) > 1;
      if (spec === undefined || isOfOtherModel) continue;
      jobs[`${runId} ${name}`] = `${spec.idempotency_key} after ${lastAttempt(folder)}`;
    }
  }
  return jobs;
}

/** Without ids of new runs, and without digests of models' raw bytes, which contain memory addresses. */
function decisionsAfter(recorded: number): readonly Decided[] {
  const lines = readFileSync(path.join(recordedProject, "ledger", "decisions.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.slice(recorded).map((line) => {
    const { kind, actor, body } = JSON.parse(line, (key, value) =>
      key === "runId" || key === "modelDigest" ? undefined : value,
    );
    return { kind, actor, body };
  });
}

/** The JSON document of a command with any exit code: the caller checks how it ended. */
async function json<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await signalbox(...args);
  if (stdout === "") throw new Error(`signalbox ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

const signalbox = (...args: readonly string[]) =>
  cli([...args, "--json"], { cwd: recordedProject, env: recordedEnvironment });
