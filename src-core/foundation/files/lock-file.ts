import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "../../contract/errors.ts";
import { fileError } from "./durable.ts";
import { isSameProcessAlive, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

const pollMs = 100;
/** A lock file is created and then filled, so an empty one younger than this belongs to a live process. */
const fillMs = 2_000;

function isHeld(file: string): boolean {
  try {
    const text = readFileSync(file, "utf8");
    if (text === "") return Date.now() - statSync(file).mtimeMs < fillMs;
    // Only `tryTake` writes it; anything else has no owner.
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

/** Removes the lock of a dead process. If another process took it at the same moment, it is put back. */
function takeAway(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (isHeld(aside)) linkSync(aside, file);
  } catch {
    // It was removed or taken again; the next attempt decides.
  }
  rmSync(aside, { force: true });
}

interface Waiting {
  readonly onWait?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` while no other process holds the lock file. Takes over the lock of a dead process. */
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
