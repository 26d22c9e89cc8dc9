import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { dataHome } from "../../../src-core/foundation/files/paths.ts";
import {
  isSameProcessAlive,
  ownIdentity,
  type ProcessIdentity,
} from "../../../src-core/foundation/files/process-identity.ts";
import { stopServer } from "../../../src-core/foundation/mlflow/server/server.ts";
import { killAndWait, supervisorOf } from "../kill-processes.ts";

/**
 * The only place where a recorded project is created and unpacked. Specifications of its jobs contain absolute paths, so it
 * can't be continued anywhere else. One process at a time owns it.
 */
export const recordedPlace = "/tmp/signalbox-recorded-project";
const projectName = "deliveries";
export const recordedProject: string = path.join(recordedPlace, projectName);

/** For the product's commands there: nothing of the machine's user, and a data folder with the same path everywhere. */
export const recordedEnvironment: NodeJS.ProcessEnv = {
  SIGNALBOX_HOME: path.join(recordedPlace, "home"),
  SIGNALBOX_ACTOR: "recorder",
  SIGNALBOX_PYTHON: undefined,
  SIGNALBOX_SUPERVISOR_IDLE_MS: "2000",
  MLFLOW_TRACKING_URI: undefined,
  GIT_AUTHOR_NAME: "recorder",
  GIT_AUTHOR_EMAIL: "recorder@example.org",
  GIT_COMMITTER_NAME: "recorder",
  GIT_COMMITTER_EMAIL: "recorder@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  // No sample hooks.
  GIT_TEMPLATE_DIR: "",
  TZ: "UTC",
};

const ownerName = "owner.json";
/** Between creating the place and writing its owner. */
const fillMs = 5_000;
/** Longer than a whole test on a busy machine. */
const longestWaitMs = 20 * 60_000;

/**
 * Creates the place, empty except for a link to the data folder; waits for another owner, and clears the place of a dead one.
 * @returns a function that clears it again
 * @throws if the path exists and has no owner
 */
export async function takeRecordedPlace(): Promise<() => Promise<void>> {
  const deadline = performance.now() + longestWaitMs;
  while (!tryTake()) {
    const owner = ownerOf(recordedPlace);
    if (owner !== undefined && !isSameProcessAlive(owner)) await clearPlace();
    else if (owner === undefined && !isYoung()) throw new Error(`${recordedPlace} exists and has no owner: remove it.`);
    else if (performance.now() > deadline) throw new Error(`Process ${owner?.pid} still has ${recordedPlace}.`);
    else await pause(500);
  }
  const home = dataHome(process.env);
  mkdirSync(home, { recursive: true });
  symlinkSync(home, path.join(recordedPlace, "home"));
  return clearPlace;
}

function tryTake(): boolean {
  try {
    mkdirSync(recordedPlace, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(path.join(recordedPlace, ownerName), JSON.stringify(ownIdentity()));
  return true;
}

function ownerOf(place: string): ProcessIdentity | undefined {
  try {
    // Only `tryTake` writes it.
    return JSON.parse(readFileSync(path.join(place, ownerName), "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function isYoung(): boolean {
  const found = statSync(recordedPlace, { throwIfNoEntry: false });
  return found === undefined || Date.now() - found.mtimeMs < fillMs;
}

/** Ends the place's processes and removes it. It is renamed first, so that only one of several processes removes a dead one's place. */
async function clearPlace(): Promise<void> {
  const aside = `${recordedPlace}.${process.pid}`;
  try {
    renameSync(recordedPlace, aside);
  } catch {
    return;
  }
  const owner = ownerOf(aside);
  if (owner !== undefined && owner.pid !== process.pid && isSameProcessAlive(owner)) {
    // Cleared and taken by another process in the meantime.
    renameSync(aside, recordedPlace);
    return;
  }
  await endProcesses(path.join(aside, projectName));
  rmSync(aside, { recursive: true, force: true });
}

/** Ends the project's supervisor and its MLflow server. */
export async function endProcesses(project: string): Promise<void> {
  if (!existsSync(path.join(project, ".signalbox", "catalogue.sqlite"))) return;
  await killAndWait(supervisorOf({ project, env: recordedEnvironment }));
  await stopServer(path.join(project, ".signalbox", "mlflow"), 2_000);
}

/** Unpacks an archive's project where it was created. */
export function unpackIntoPlace(tar: Buffer): void {
  const unpacked = spawnSync("tar", ["-xf", "-", "-C", recordedPlace], { input: tar, encoding: "utf8" });
  if (unpacked.status !== 0) throw new Error(`tar: ${unpacked.stderr}`);
}
