import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Start time of a live process: pids are reused, pairs of pid and start time aren't. This is a shorter copy of what
 * src-core/foundation/files/process-identity.ts and alone.ts do: the launcher runs under Node 20, which can't import them.
 * @param {number} pid
 */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie holds no lock.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    // Without /proc (macOS) only the pid is known.
    try {
      process.kill(pid, 0);
      return process.platform === "linux" ? undefined : "alive";
    } catch {
      return undefined;
    }
  }
}

/** @param {string} file */
function isHeld(file) {
  try {
    const [pid, start] = readFileSync(file, "utf8").trim().split(" ");
    if (start !== undefined) return startTime(Number(pid)) === start;
    // Just created and not written yet.
    return Date.now() - statSync(file).mtimeMs < 2_000;
  } catch {
    return false;
  }
}

/** Removes a dead process's lock. If another process took the lock in the meantime, it is restored. @param {string} file */
function takeAway(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (isHeld(aside)) linkSync(aside, file);
  } catch {
    // Removed or taken: the next try decides.
  }
  rmSync(aside, { force: true });
}

/**
 * Runs `work` in one process at a time. Other processes wait; the lock of a dead process is taken over.
 * @template T @param {string} file @param {() => Promise<T>} work
 */
export async function alone(file, work) {
  mkdirSync(path.dirname(file), { recursive: true });
  let isAnnounced = false;
  for (;;) {
    try {
      writeFileSync(file, `${process.pid} ${startTime(process.pid)}\n`, { flag: "wx" });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
      if (!isHeld(file)) {
        takeAway(file);
        continue;
      }
      if (!isAnnounced) process.stderr.write("Another process is setting up; waiting for it …\n");
      isAnnounced = true;
      await sleep(200);
    }
  }
  const release = () => rmSync(file, { force: true });
  process.on("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}
