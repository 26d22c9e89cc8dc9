import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Core } from "../../foundation/context.ts";
import { sharedEnvironment } from "../../foundation/exec/caller/caller-environment.ts";
import { tailOf } from "../../foundation/exec/out-of-memory.ts";
import { entryPoint } from "../../foundation/files/entry-points.ts";
import { freeBytes } from "../../foundation/files/free-space.ts";
import { openLog } from "../../foundation/files/open-log.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { temporaryFolder } from "../../foundation/files/scratch.ts";
import { isLocked } from "../../foundation/locks/process-lock.ts";
import { lastHolder } from "./lease-store.ts";

export const supervisorLease = "supervisor";

/** A program and its first arguments; `--project DIR` is appended. */
export type SupervisorProgram = readonly [string, ...string[]];

/** The lock that the supervisor holds while it lives: the kernel's, so that every user and container sees it. */
export function supervisorLock(projectDir: string): string {
  return projectPaths(projectDir).supervisorLock;
}

/**
 * True while a supervisor works on the project. Its process may be of another user or container, or the row be of a copied catalogue: what
 * counts is that the lock in this folder is held. A lease that was given up means that one is about to end.
 */
export function isSupervised({ catalogue, projectDir }: Pick<Core, "catalogue" | "projectDir">): boolean {
  return lastHolder(catalogue(), supervisorLease) !== undefined && isLocked(supervisorLock(projectDir));
}

const startMs = 30_000;
const attempts = 3;

export function supervisorLog(projectDir: string): string {
  return path.join(projectPaths(projectDir).private, "supervisor.log");
}

/**
 * Makes sure that a supervisor works on the project: finds the live one or starts one, detached. Of several started at the
 * same moment one gets the lease and the others leave. True if one had to be started.
 * @throws operations/supervisor-failed with the end of its log; files/disk-full where that is why
 */
export async function ensureSupervisor(
  core: Pick<Core, "catalogue" | "env" | "node" | "projectDir">,
  program: SupervisorProgram = [core.node, entryPoint("supervisor")],
): Promise<boolean> {
  if (isSupervised(core)) return false;
  // What it runs would fail without one, and say less.
  temporaryFolder();
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (isSupervised(core)) return false;
    refuseGone(core.projectDir);
    const supervisor = spawnDetached([...program, "--project", core.projectDir], core);
    if (await hasBegun(core, supervisor)) return true;
  }
  if (isLocked(supervisorLock(core.projectDir)))
    throw new AppError({
      code: "operations/supervisor-unreachable",
      message: `Another process holds the lock of ${core.projectDir} and takes no operations of this catalogue.`,
      hint: "It may be of another user or container, and about to end: try again. The operation stays queued.",
      details: { lock: supervisorLock(core.projectDir) },
    });
  throw supervisorFailed(core, "does not start");
}

/** A project that was moved must not get a folder at its old place again. */
function refuseGone(projectDir: string): void {
  if (existsSync(projectDir)) return;
  throw new AppError({
    code: "projects/not-found",
    message: `The folder ${projectDir} isn't there any more: it was moved or deleted.`,
    hint: "If it was moved, the next long command at its new place continues its operations.",
    details: { dir: projectDir },
  });
}

/** Less than this and a supervisor can't even open its files. */
const leastFreeBytes = 2 ** 20;

export function supervisorFailed(core: Pick<Core, "projectDir">, what: string): AppError {
  const log = supervisorLog(core.projectDir);
  const free = freeBytes(core.projectDir);
  if (free < leastFreeBytes)
    return new AppError({
      code: "files/disk-full",
      message: `The project's supervisor ${what}: the disk of ${core.projectDir} has ${Math.floor(free / 1024)} KiB left.`,
      hint: "Free space. The operation stays queued.",
      next: [nextStep("environment.collect", {}, "shows what it can free")],
      details: { log, freeBytes: free },
    });
  return new AppError({
    code: "operations/supervisor-failed",
    message: `The project's supervisor ${what}: ${tailOf(log, 0, 1000).trim() || "it said nothing"}`,
    hint: `See ${log}. The operation stays queued.`,
    next: [nextStep("environment.check", {}, "checks the machine and the project")],
    details: { log },
  });
}

/** True once a process holds the lease, or the started one held it and was killed; false if it ended before. */
async function hasBegun(core: Pick<Core, "catalogue" | "projectDir">, supervisor: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + startMs;
  while (performance.now() < deadline) {
    const hasExited = supervisor.pid === undefined || supervisor.exitCode !== null || supervisor.signalCode !== null;
    if (isSupervised(core)) return true;
    if (hasExited) return lastHolder(core.catalogue(), supervisorLease)?.pid === supervisor.pid;
    await pause(20);
  }
  return false;
}

function spawnDetached(argv: readonly string[], core: Pick<Core, "env" | "projectDir">): ChildProcess {
  const file = supervisorLog(core.projectDir);
  const log = openLog(file);
  try {
    const [command = "", ...rest] = argv;
    const supervisor = spawn(command, rest, {
      cwd: core.projectDir,
      // Each operation brings its caller's own.
      env: sharedEnvironment(core.env),
      detached: true,
      stdio: ["ignore", log, log],
    });
    supervisor.on("error", () => undefined);
    supervisor.unref();
    return supervisor;
  } finally {
    closeSync(log);
  }
}
