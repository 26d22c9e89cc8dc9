import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openCatalogue } from "../../src-core/foundation/catalogue/open.ts";
import { readClaim } from "../../src-core/foundation/exec/job-files.ts";
import { lastAttempt, readJobStatus } from "../../src-core/foundation/exec/job-status.ts";
import { processesOf, signalProcess } from "../../src-core/foundation/exec/leftovers.ts";
import { isSameProcessAlive, type ProcessIdentity } from "../../src-core/foundation/files/process-identity.ts";
import { cliEntry } from "./cli.ts";
import { type Lab, type WatchedChild, watch } from "./kill-lab.ts";
import { supervisorOf as supervisorOfCore } from "./supervised-core.ts";

/** The processes that a command starts in a project, found as the product finds them: never by name. */

type Place = Pick<Lab, "project" | "env">;

/** `signalbox ARGS` as a separate process. */
export function startFace({ project, env }: Place, args: readonly string[]): WatchedChild {
  return watch(
    spawn(process.execPath, [cliEntry, ...args], {
      cwd: project,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

const fromCatalogue = <T>({ project }: Place, read: (catalogue: ReturnType<typeof openCatalogue>) => T): T => {
  const catalogue = openCatalogue(path.join(project, ".signalbox", "catalogue.sqlite"));
  try {
    return read(catalogue);
  } finally {
    catalogue.close();
  }
};

export function supervisorOf(at: Place): ProcessIdentity | undefined {
  return fromCatalogue(at, (catalogue) => supervisorOfCore({ catalogue: () => catalogue, projectDir: at.project }));
}

/** Kills -9 only if that same process is still alive. */
export function killOurs(identity: ProcessIdentity | undefined): void {
  if (identity !== undefined) signalProcess(identity, "SIGKILL");
}

/** The same, and returns once it has ended: on a busy machine that takes a moment. */
export async function killAndWait(identity: ProcessIdentity | undefined): Promise<void> {
  killOurs(identity);
  if (identity !== undefined) await until("a killed process to end", () => !isSameProcessAlive(identity));
}

const jobFolders = ({ project, runId }: Pick<Lab, "project" | "runId">): readonly string[] => {
  const runDir = path.join(project, ".signalbox", "runs", runId);
  return readdirSync(runDir)
    .map((name) => path.join(runDir, name))
    .filter((folder) => existsSync(path.join(folder, "job.json")));
};

/** The process identities of each job's last attempt. */
export const claimsOf = (lab: Lab) => jobFolders(lab).flatMap((folder) => readClaim(folder, lastAttempt(folder)) ?? []);

/** Living runners of the run's jobs. */
export function runnersOf(lab: Pick<Lab, "project" | "runId">): readonly ProcessIdentity[] {
  return jobFolders(lab).flatMap((folder) => {
    const state = readJobStatus(folder)?.state;
    const claim = state === "running" || state === "starting" ? readClaim(folder, lastAttempt(folder)) : undefined;
    return claim === undefined ? [] : [claim.runner];
  });
}

/** Returns once no process of the run's jobs is alive: children end with their runner. */
export async function allEnded(lab: Lab): Promise<void> {
  await until("the processes of the run's jobs to end", () =>
    claimsOf(lab).every(({ token }) => processesOf(token).length === 0),
  );
}

/** Returns once the project's operations have started the stage so many times in total. */
export async function stageStarted({ project }: Lab, stage: string, times = 1): Promise<void> {
  const operations = path.join(project, ".signalbox", "operations");
  const starts = (id: string) => {
    const file = path.join(operations, id, "progress.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return lines.filter((line) => line.includes(`"stage":"${stage}"`) && line.includes('"state":"started"')).length;
  };
  await until(`${stage} to start`, () => namesIn(operations).reduce((sum, id) => sum + starts(id), 0) >= times);
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Returns once no operation waits or runs. */
export async function supervisorIdle(at: Place): Promise<void> {
  await until("the supervisor to finish", () =>
    fromCatalogue(
      at,
      (catalogue) => catalogue.get("SELECT 1 FROM operations WHERE state IN ('queued', 'running')") === undefined,
    ),
  );
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited 60 s for ${what}.`);
    await pause(20);
  }
}
