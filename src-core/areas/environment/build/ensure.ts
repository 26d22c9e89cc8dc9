import { existsSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatBytes } from "../../../../src-view/numbers.ts";
import { formatDuration } from "../../../../src-view/times.ts";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/operation.ts";
import type { PythonEnvironment } from "../../../foundation/exec/place.ts";
import { fileError, makeFolder, writeJsonDurable } from "../../../foundation/files/durable.ts";
import { freeBytes } from "../../../foundation/files/free-space.ts";
import { alone } from "../../../foundation/locks/alone.ts";
import { checkedGroups, environmentDigest, type LockFile, locksOf, trainerFolder } from "./locks.ts";
import { choosePython, findPythons, type Interpreter, supportedMinors } from "./pythons.ts";
import { runTool, toolFailure, untrustedCertificate } from "./tool.ts";
import { findUv } from "./uv.ts";

export interface EnvironmentNeed {
  /** The user's data folder. */
  readonly home: string;
  readonly groups: readonly string[];
  /** Whether the user agreed to install missing groups. Otherwise a missing group is environment/group-missing. */
  readonly mayAddGroups?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report?: (progress: Progress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Folder of the locks; that of the application, except in tests. */
  readonly trainer?: string;
}

/** Written last, so a folder without it is an unfinished build. */
export const recordName = "environment.json";
export const lastUsedName = ".last-used";
const leastFreeBytes = 500 * 1024 * 1024;
const lastUsedStepMs = 3_600_000;

export const environmentsFolder = (home: string): string => path.join(home, "python");
const buildLock = (home: string, digest: string): string => path.join(home, "locks", `python-${digest}.lock`);

export function currentPlatform(): string {
  return `${process.platform}-${process.arch}`;
}

/**
 * Returns the Python environment with the base and these groups. Finds an existing one without starting a process. Builds a missing one from
 * the locks, only once even if several processes need it at the same time.
 * @throws environment/no-python, environment/no-uv, environment/group-missing, environment/install-failed, environment/unknown-group, files/disk-full
 */
export async function ensurePythonEnvironment(need: EnvironmentNeed): Promise<PythonEnvironment> {
  const plan = planOf(need);
  const found = anyReady(plan);
  if (found !== undefined) return found;
  makeHome(need.home);
  const python = choosePython(await findPythons({ env: need.env, cwd: need.home, signal: need.signal }));
  const ready = readyEnvironment(plan, python.minor);
  if (ready !== undefined) return ready;
  if (plan.groups.length > 0 && need.mayAddGroups !== true) throw groupMissing(plan.groups);
  return await build(plan, python);
}

function makeHome(home: string): void {
  try {
    makeFolder(home);
  } catch (error) {
    throw fileError(error, "make", home);
  }
}

function groupMissing(wanted: readonly string[]): AppError {
  return new AppError({
    code: "environment/group-missing",
    message: `The package group ${wanted.join(", ")} is not installed.`,
    next: wanted.map((group) => ({
      ...nextStep("environment.add", { group }, `installs ${wanted.length === 1 ? "it" : group}`),
      answers: "first",
    })),
    details: { groups: wanted },
  });
}

/** Finds an existing environment without starting a process, and so never one that SIGNALBOX_PYTHON names. */
export function findReadyEnvironment(need: EnvironmentNeed): PythonEnvironment | undefined {
  return anyReady(planOf(need));
}

function planOf(need: EnvironmentNeed): Plan {
  const wanted = checkedGroups(need.groups);
  return { ...need, groups: wanted, locks: locksOf(need.trainer ?? trainerFolder, wanted) };
}

function anyReady(plan: Plan): PythonEnvironment | undefined {
  // SIGNALBOX_PYTHON determines the minor version, which only that interpreter knows.
  if (plan.env.SIGNALBOX_PYTHON) return undefined;
  return supportedMinors.map((minor) => readyEnvironment(plan, minor)).find((found) => found !== undefined);
}

interface Plan extends EnvironmentNeed {
  readonly locks: readonly LockFile[];
}

function placeOf(plan: Plan, pythonMinor: string): PythonEnvironment & { readonly folder: string } {
  const digest = environmentDigest({
    locks: plan.locks,
    groups: plan.groups,
    pythonMinor,
    platform: currentPlatform(),
  });
  const folder = path.join(environmentsFolder(plan.home), digest);
  return { folder, python: path.join(folder, "bin", "python"), digest, pythonMinor };
}

function readyEnvironment(plan: Plan, pythonMinor: string): PythonEnvironment | undefined {
  const { folder, ...environment } = placeOf(plan, pythonMinor);
  // existsSync follows the link, so an environment whose base Python was removed isn't ready.
  if (!existsSync(path.join(folder, recordName)) || !existsSync(environment.python)) return undefined;
  noteUse(folder);
  return environment;
}

/** Records the last use for `gc`. A precision of one hour is enough, and cheap. */
function noteUse(folder: string): void {
  const file = path.join(folder, lastUsedName);
  try {
    const now = new Date();
    if (!existsSync(file)) writeFileSync(file, "");
    else if (now.getTime() - statSync(file).mtimeMs > lastUsedStepMs) utimesSync(file, now, now);
  } catch {
    // In a read-only data folder, the environment still works.
  }
}

async function build(plan: Plan, python: Interpreter): Promise<PythonEnvironment> {
  const { folder, ...environment } = placeOf(plan, python.minor);
  const say = (message: string) => plan.report?.({ stage: "environment", message });
  const title = `Python environment (Python ${python.version}${plan.groups.length > 0 ? `, with ${plan.groups.join(", ")}` : ""})`;
  await alone(
    buildLock(plan.home, environment.digest),
    async () => {
      if (readyEnvironment(plan, python.minor) !== undefined) return;
      const start = performance.now();
      plan.report?.({ stage: "environment", state: "started", message: `building: ${title}` });
      // Remains of a killed build. No other process uses them, because we hold the lock.
      rmSync(folder, { recursive: true, force: true });
      requireSpace(plan.home);
      try {
        await install({ plan, python, folder, say });
      } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
      const elapsedMs = performance.now() - start;
      const message = `${title}: ${formatDuration(elapsedMs)}`;
      plan.report?.({ stage: "environment", state: "finished", elapsedMs, message });
    },
    { onWait: () => say(`waiting for another process that is building: ${title}`), signal: plan.signal },
  );
  return environment;
}

interface Installation {
  readonly plan: Plan;
  readonly python: Interpreter;
  readonly folder: string;
  readonly say: (message: string) => void;
}

async function install({ plan, python, folder, say }: Installation): Promise<void> {
  const { home, env, signal } = plan;
  const uv = await findUv({ home, env, python, report: say, signal });
  const made = await runTool({
    argv: [uv, "venv", "--quiet", "--no-project", "--python", python.python, "--no-python-downloads", folder],
    env,
    cwd: home,
    signal,
  });
  if (made.code !== 0) throw toolFailure("Creating the Python environment", made);
  say(`installing ${plan.locks.map((lock) => path.basename(lock.file)).join(" and ")}`);
  const inFolder = path.join(folder, "bin", "python");
  const flags = ["--quiet", "--require-hashes", "--compile-bytecode", "--no-python-downloads", "--python", inFolder];
  const files = plan.locks.map((lock) => lock.file);
  const sync = (more: Readonly<Record<string, string>>) =>
    runTool({ argv: [uv, "pip", "sync", ...flags, ...files], env: { ...env, ...more }, cwd: home, signal });
  let synced = await sync({});
  // The certificate of an intercepting proxy is only in the system's store, which uv uses only with these variables.
  if (synced.code !== 0 && untrustedCertificate.test(synced.output))
    synced = await sync({ UV_SYSTEM_CERTS: "true", UV_NATIVE_TLS: "true" });
  // The lock says which files; a person's uv.toml may hide those that are newer than a day it names.
  if (synced.code !== 0 && /exclude.?newer/i.test(synced.output)) synced = await sync({ UV_NO_CONFIG: "1" });
  if (synced.code !== 0) throw toolFailure("Installing the Python packages", synced);
  noteUse(folder);
  writeJsonDurable(path.join(folder, recordName), {
    version: 1,
    groups: plan.groups,
    python: python.version,
    basePython: python.python,
    platform: currentPlatform(),
    locks: plan.locks.map((lock) => ({ name: path.basename(lock.file), sha256: lock.sha256 })),
    madeAt: new Date().toISOString(),
  });
}

function requireSpace(home: string): void {
  const free = freeBytes(home);
  if (free >= leastFreeBytes) return;
  throw new AppError({
    code: "files/disk-full",
    message: `${home} has ${formatBytes(free)} free; a Python environment needs at least ${formatBytes(leastFreeBytes)}.`,
    hint: "Free some space, or set SIGNALBOX_HOME to a folder on another disk.",
    next: [nextStep("environment.collect", {}, "shows what it can free")],
    details: { folder: home, freeBytes: free },
  });
}
