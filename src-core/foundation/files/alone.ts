import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "../../contract/errors.ts";
import { fileError } from "./durable.ts";
import { isSameProcessAlive, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

const pollMs = 100;
/** A lock file is made and then filled: an empty one this young belongs to a live process. */
const fillMs = 2_000;

function isHeld(file: string): boolean {
  try {
    const text = readFileSync(file, "utf8");
    if (text === "") return Date.now() - statSync(file).mtimeMs < fillMs;
    // Written by `tryTake` alone; anything else counts as nobody's.
    return isSameProcessAlive(JSON.parse(text) as ProcessIdentity);
  } catch {
    return false;
  }
}

function tryTake(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(ownIdentity()), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw fileError(error, "write", file);
  }
}

/** Removes a dead process's lock; one that another process took in this very moment is put back. */
function takeAway(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (isHeld(aside)) linkSync(aside, file);
  } catch {
    // Gone, or taken anew: the next look decides.
  }
  rmSync(aside, { force: true });
}

interface Waiting {
  readonly onWait?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Does `work` while no other process does its own under the same lock file; a dead holder's lock is taken over. */
export async function alone<T>(file: string, work: () => Promise<T>, { onWait, signal }: Waiting = {}): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true });
  let isAnnounced = false;
  while (!tryTake(file)) {
    if (signal?.aborted) throw cancelled();
    if (!isHeld(file)) {
      takeAway(file);
      continue;
    }
    if (!isAnnounced) onWait?.();
    isAnnounced = true;
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
