import { readdirSync, readFileSync } from "node:fs";
import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../files/process-identity.ts";

/** In the environment of every process of one attempt; children inherit it, whatever group or parent they get. */
export const tokenVariable = "SIGNALBOX_JOB_TOKEN";

/** Live processes that carry an attempt's token. Linux only: elsewhere a process can't look into another's environment. */
export function processesOf(token: string): readonly ProcessIdentity[] {
  if (process.platform !== "linux") return [];
  const wanted = Buffer.from(`${tokenVariable}=${token}\0`);
  const found: ProcessIdentity[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const identity = identityOf(pid);
    if (identity !== undefined && environmentOf(pid)?.includes(wanted)) found.push(identity);
  }
  return found;
}

function environmentOf(pid: number): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`);
  } catch {
    return undefined;
  }
}

/** Sends a signal iff that very process still lives; true if it was sent. The only way in this zone to signal what we don't parent. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isSameProcessAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

export interface Leftovers {
  readonly token: string;
  /** The attempt's program, where known: leads the group that is killed on systems without /proc. */
  readonly child?: ProcessIdentity | null;
}

/** Kills what an ended attempt left running. Returns how many processes were signalled. */
export function killLeftovers({ token, child = null }: Leftovers): number {
  let killed = 0;
  for (const identity of processesOf(token)) if (signalProcess(identity, "SIGKILL")) killed += 1;
  if (child !== null && isSameProcessAlive(child)) {
    try {
      process.kill(-child.pid, "SIGKILL");
      killed += 1;
    } catch {
      // Gone between the look and the signal.
    }
  }
  return killed;
}
