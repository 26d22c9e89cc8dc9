import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ledgerHeadTag } from "../../src-core/areas/ledger/head-tag.ts";
import { attemptTag } from "../../src-core/areas/runs/record/attempts.ts";
import { readRun } from "../../src-core/areas/runs/record/record.ts";
import type { OperationContext } from "../../src-core/contract/operation.ts";
import type { ResultName } from "../../src-core/contract/runs/stage-results.ts";
import { createApp } from "../../src-core/wiring/app.ts";
import { cli } from "./cli.ts";
import type { TestServer } from "./mlflow-server.ts";
import { smallTable } from "./small-table.ts";

/** A project for tests of kills, power cuts and full disks: its folder can be restored to any stage of its run. */
export interface Lab {
  /** Absolute; always the same path, since job folders contain absolute paths. */
  readonly project: string;
  readonly runId: string;
  readonly env: NodeJS.ProcessEnv;
  /** Restores folder and server to their state before that stage; "upload" is a finished training whose model isn't sent yet. */
  readonly before: (stage: ResultName | "upload") => Promise<void>;
  /** The folder's content before that stage. */
  readonly files: (stage: ResultName) => ProjectFiles;
  /** The folder's content after that stage, without any disturbance. */
  readonly expected: (stage: ResultName) => ProjectFiles;
  /** Names below `.signalbox` after that stage. */
  readonly privateNames: (stage: ResultName) => readonly string[];
  /** How long a child takes for that stage, from start to end, in ms. */
  readonly durationMs: (stage: ResultName) => number;
  /** The same for only the end of the training stage. */
  readonly uploadMs: number;
  /** Digest of the model's canonical form: equal for equal fits, although the files contain times and addresses. */
  readonly canonicalDigest: string;
  /** The body of the ledger's only entry. */
  readonly decision: unknown;
  readonly modelName: string;
}

/** md5 by path. */
export type ProjectFiles = Readonly<Record<string, string>>;

const execute = async (
  lab: Pick<Lab, "project" | "env">,
  operation: string,
  input: unknown,
  context?: Partial<OperationContext>,
) => {
  const app = createApp({
    projectDir: lab.project,
    env: { ...process.env, ...lab.env },
    node: process.execPath,
    role: "supervisor",
  });
  try {
    return await app.execute(operation, input, {
      signal: new AbortController().signal,
      report: () => undefined,
      ...context,
    });
  } finally {
    await app.close();
  }
};

export { execute as executeIn };

/** Copies a folder with its modes, times and hard links. */
function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const copied = spawnSync("cp", ["-a", from, to], { encoding: "utf8" });
  if (copied.status !== 0) throw new Error(copied.stderr);
}

const stageNames: readonly ResultName[] = ["split", "version", "train", "evaluate", "decide"];

export interface LabOptions {
  /** Changes the new project before its first run. */
  readonly prepare?: (project: string) => void;
  /** Absolute folder for the copies; next to the project by default. */
  readonly keptIn?: string;
}

/** Creates a project of 2,000 rows and runs it up to `until`, with a copy of the folder before each stage. */
export async function makeLab(
  folder: string,
  server: TestServer,
  name: string,
  until: ResultName,
  { prepare, keptIn = folder }: LabOptions = {},
): Promise<Lab> {
  const project = path.join(folder, name);
  const kept = path.join(keptIn, `${name}-kept`);
  mkdirSync(kept, { recursive: true });
  const table = path.join(folder, `${name}.csv`);
  writeFileSync(table, smallTable(2_000));
  const env = { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "1500" };
  const made = await cli(["init", project, "--table", table, "--target", "minutes", "--group", "shop"], {
    cwd: folder,
    env,
  });
  if (made.code !== 0) throw new Error(made.stderr);
  prepare?.(project);
  const at = { project, env };
  const runId = await openRun(at);
  const before: Partial<Record<ResultName, ProjectFiles>> = {};
  const files: Partial<Record<ResultName, ProjectFiles>> = {};
  const names: Partial<Record<ResultName, readonly string[]>> = {};
  const durations: Partial<Record<ResultName, number>> = {};
  for (const stage of stageNames.slice(0, stageNames.indexOf(until) + 1)) {
    copyFolder(project, path.join(kept, stage));
    before[stage] = filesOf(project);
    durations[stage] = await timeOf(at, stage, runId);
    files[stage] = filesOf(project);
    names[stage] = privateNames(project);
  }
  const afterTrain = path.join(kept, "evaluate");
  if (existsSync(afterTrain)) {
    const upload = path.join(kept, "upload");
    copyFolder(afterTrain, upload);
    rmSync(path.join(upload, ".signalbox", "runs", runId, "stages", "train.json"));
  }
  const lab: Lab = {
    ...at,
    runId,
    canonicalDigest: canonicalDigestIn(project, runId),
    decision: decisionIn(project),
    modelName: `${name}_model`,
    uploadMs: 0,
    before: async (stage) => {
      copyFolder(path.join(kept, stage), project);
      await forgetHead(server, `${name}_training`);
      await forgetAttempts(server, { project, runId });
      if (stage === "train" || stage === "upload") removeArtifact(server, runId, "model");
      if (stage === "evaluate" || stage === "decide") restoreModel(server, { project, runId });
      if (stage === "decide") {
        removeArtifact(server, runId, "decision");
        await rest(server, "DELETE", "registered-models/delete", { name: `${name}_model` });
      }
    },
    files: (stage) => before[stage] ?? {},
    privateNames: (stage) => names[stage] ?? [],
    expected: (stage) => files[stage] ?? {},
    durationMs: (stage) => durations[stage] ?? 0,
  };
  if (!existsSync(afterTrain)) return lab;
  await lab.before("upload");
  return { ...lab, uploadMs: await timeOf(at, "train", runId) };
}

async function timeOf(at: Pick<Lab, "project" | "env">, stage: ResultName, runId: string): Promise<number> {
  const child = startChild(at, "runs.stage", { name: stage, run: runId });
  const started = await child.line((line) => line === `started ${stage}`);
  const ended = await child.end;
  if (ended.code !== 0) throw new Error(`${stage}: ${ended.output}`);
  return ended.atMs - started;
}

export function canonicalDigestIn(project: string, runId: string): string {
  const file = path.join(project, ".signalbox", "runs", runId, "stages", "train.json");
  if (!existsSync(file)) return "none";
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly canonicalDigest: string }).canonicalDigest;
}

/** The model's files as the training wrote them. */
export function modelFiles({ project, runId }: Pick<Lab, "project" | "runId">): ProjectFiles {
  return filesBelow(path.join(project, ".signalbox", "runs", runId, "train", "outputs", "model"), () => true);
}

function decisionIn(project: string): unknown {
  const file = path.join(project, "ledger", "decisions.jsonl");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { readonly body: unknown }).body : undefined;
}

/** Opens a run and stops before its first stage. */
async function openRun(at: Pick<Lab, "project" | "env">): Promise<string> {
  const stop = new AbortController();
  await execute(
    at,
    "runs.start",
    {},
    {
      signal: stop.signal,
      report: ({ stage, state }) => {
        if (stage === "start" && state === "finished") stop.abort();
      },
    },
  ).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const { runs } = (await execute(at, "runs.list", {})) as { readonly runs: readonly { readonly runId: string }[] };
  return runs[0]?.runId ?? "";
}

/** Restores the project's trained model on the server if another training replaced it. */
function restoreModel(server: TestServer, at: Pick<Lab, "project" | "runId">): void {
  const root = path.join(server.folder, "artifacts");
  const experiment = readdirSync(root).find((it) => existsSync(path.join(root, it, at.runId))) ?? "";
  const trained = path.join(at.project, ".signalbox", "runs", at.runId, "train", "outputs", "model");
  copyFolder(trained, path.join(root, experiment, at.runId, "artifacts", "model"));
}

/** The server no longer knows the entry of the restored project's decision. */
async function forgetHead(server: TestServer, name: string): Promise<void> {
  const { experiment } = (await rest(server, "GET", "experiments/get-by-name", { experiment_name: name })) as {
    readonly experiment: { readonly experiment_id: string };
  };
  const tag = { experiment_id: experiment.experiment_id, key: ledgerHeadTag, value: "" };
  await rest(server, "POST", "experiments/set-experiment-tag", tag);
}

/** Nor a later attempt at its run. */
async function forgetAttempts(server: TestServer, { project, runId }: Pick<Lab, "project" | "runId">): Promise<void> {
  const { attempts } = readRun(path.join(project, ".signalbox", "runs", runId)) ?? { attempts: [] };
  await rest(server, "POST", "runs/set-tag", { run_id: runId, key: attemptTag, value: attempts.at(-1) ?? "" });
}

function removeArtifact(server: TestServer, runId: string, name: string): void {
  const root = path.join(server.folder, "artifacts");
  for (const experiment of readdirSync(root))
    rmSync(path.join(root, experiment, runId, "artifacts", name), { recursive: true, force: true });
}

/** A request to MLflow's REST API; undefined if it is refused. */
async function rest(
  server: TestServer,
  method: "GET" | "POST" | "DELETE",
  call: string,
  body: Record<string, unknown>,
): Promise<unknown> {
  const query = method === "GET" ? `?${new URLSearchParams(body as Record<string, string>)}` : "";
  const answer = await fetch(`${server.uri}/api/2.0/mlflow/${call}${query}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
  });
  return answer.ok ? await answer.json() : undefined;
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** A run in MLflow. */
export async function mlflowRun(server: TestServer, runId: string) {
  const { run } = (await rest(server, "GET", "runs/get", { run_id: runId })) as {
    readonly run: { readonly info: { readonly status: string }; readonly data: { readonly tags?: readonly Pair[] } };
  };
  return {
    status: run.info.status,
    tags: Object.fromEntries((run.data.tags ?? []).map(({ key, value }) => [key, value])),
  };
}

/** Every run of the server that isn't deleted. */
export async function mlflowRuns(
  server: TestServer,
): Promise<readonly { readonly runId: string; readonly status: string }[]> {
  const { experiments } = (await rest(server, "POST", "experiments/search", { max_results: 100 })) as {
    readonly experiments: readonly { readonly experiment_id: string }[];
  };
  const ids = experiments.map((it) => it.experiment_id);
  const { runs = [] } = (await rest(server, "POST", "runs/search", { experiment_ids: ids })) as {
    readonly runs?: readonly { readonly info: { readonly run_id: string; readonly status: string } }[];
  };
  return runs.map(({ info }) => ({ runId: info.run_id, status: info.status }));
}

/** Every version of a registered model, and the one that its alias `champion` points to. */
export async function mlflowVersions(server: TestServer, name: string) {
  const found = (await rest(server, "GET", "model-versions/search", { filter: `name='${name}'` })) as {
    readonly model_versions?: readonly { readonly version: string; readonly run_id: string }[];
  };
  const champion = (await rest(server, "GET", "registered-models/alias", { name, alias: "champion" })) as
    | { readonly model_version: { readonly version: string } }
    | undefined;
  return { versions: found.model_versions ?? [], champion: champion?.model_version.version };
}

/** Files of a run's artifact on the server, md5 by path. */
export function artifactFiles(server: TestServer, runId: string, name: string): ProjectFiles {
  const root = path.join(server.folder, "artifacts");
  const experiment = readdirSync(root).find((it) => existsSync(path.join(root, it, runId, "artifacts", name)));
  return experiment === undefined ? {} : filesBelow(path.join(root, experiment, runId, "artifacts", name), () => true);
}

function filesBelow(root: string, isWanted: (file: string) => boolean): ProjectFiles {
  const all: Record<string, string> = {};
  if (!existsSync(root)) return all;
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()) {
    const at = path.join(root, file);
    if (isWanted(file) && lstatSync(at, { throwIfNoEntry: false })?.isFile()) all[file] = hash("md5", readFileSync(at));
  }
  return all;
}

/** Files that equal versions must repeat byte for byte: all except git's files, indexes, logs, and files with times. */
export function filesOf(project: string): ProjectFiles {
  return filesBelow(project, (file) => !/^(\.git\/|\.dvc\/tmp\/|\.signalbox\/|ledger\/)/.test(file));
}

/** Names below `.signalbox`, without what is numbered, changes with an open database, or is the supervisor's own (a lab has none). */
export function privateNames(project: string): readonly string[] {
  const root = path.join(project, ".signalbox");
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^catalogue|^operations|^supervisor\.(log|lock|json)$|\/attempts\/|\/heartbeat$/.test(name))
    .toSorted();
}

/** Names that a killed writer left, anywhere in the project. */
export function leftoversIn(project: string): readonly string[] {
  return readdirSync(project, { recursive: true, encoding: "utf8" }).filter((file) => file.includes(".signalbox-tmp-"));
}

export interface WatchedChild {
  readonly process: ChildProcess;
  /** Resolves with the time (ms) of the first such line; rejects if the child ends without it. */
  readonly line: (isWanted: (line: string) => boolean) => Promise<number>;
  readonly end: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly atMs: number;
    readonly output: string;
  }>;
}

export function startChild(at: Pick<Lab, "project" | "env">, operation: string, input: unknown): WatchedChild {
  const file = path.join(import.meta.dirname, "fault-child.ts");
  return watch(
    spawn(process.execPath, [file, at.project, operation, JSON.stringify(input)], {
      env: { ...process.env, ...at.env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

export function watch(child: ChildProcess): WatchedChild {
  const lines: { readonly text: string; readonly atMs: number }[] = [];
  const listeners = new Set<() => void>();
  let output = "";
  let torn = "";
  const take = (bytes: unknown) => {
    output += String(bytes);
    torn += String(bytes);
    const whole = torn.split("\n");
    torn = whole.pop() ?? "";
    for (const text of whole) lines.push({ text, atMs: performance.now() });
    for (const listener of listeners) listener();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  let hasEnded = false;
  const end = new Promise<Awaited<WatchedChild["end"]>>((resolve) => {
    child.once("close", (code, signal) => {
      hasEnded = true;
      resolve({ code, signal, atMs: performance.now(), output });
      for (const listener of listeners) listener();
    });
  });
  const line: WatchedChild["line"] = (isWanted) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = lines.find(({ text }) => isWanted(text));
        if (found === undefined && !hasEnded) return;
        listeners.delete(look);
        if (found === undefined) reject(new Error(`It ended without: ${output}`));
        else resolve(found.atMs);
      };
      listeners.add(look);
      look();
    });
  return { process: child, line, end };
}
