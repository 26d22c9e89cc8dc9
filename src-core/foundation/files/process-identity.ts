import { readFileSync } from "node:fs";

/** What makes a process ours beyond its number: pids are reused, and start times only count within one boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot on Linux (field 22 of /proc/<pid>/stat); the text of `ps -o lstart=` elsewhere. */
  readonly startTime: string;
  readonly bootId: string;
}

let bootIdOnce: string | undefined;

/** Changes with every boot of the machine. */
function bootId(): string {
  bootIdOnce ??= readBootId();
  return bootIdOnce;
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // macOS has no boot id; the second of the boot does the same job.
    return outputOf("sysctl", ["-n", "kern.boottime"]) ?? "unknown";
  }
}

/** Start time of a live process; undefined where there is none (a zombie counts as gone). */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command's name may hold spaces and parentheses: fields count from behind its last ')'.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  return outputOf("ps", ["-o", "lstart=", "-p", String(pid)]);
}

/** Where there is no /proc. Linux never comes here, and every command would wait for the module to load. */
function outputOf(command: string, args: readonly string[]): string | undefined {
  const answer = process.getBuiltinModule("node:child_process").spawnSync(command, args, { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() || undefined : undefined;
}

/** A live process as it is now; undefined where there is none. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "unknown", bootId: bootId() };
}

/** True iff that very process lives: same pid, same start, same boot. */
export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime;
}

/** `<pid>-<8 hexadecimal digits of start time and boot>`: an identity that fits into a file's name. */
export function nameMark({ pid, startTime, bootId }: ProcessIdentity): string {
  return `${pid}-${process.getBuiltinModule("node:crypto").hash("sha256", `${startTime}/${bootId}`).slice(0, 8)}`;
}

/** True iff the very process that a `nameMark` names lives. */
export function isMarkedProcessAlive(mark: string): boolean {
  const identity = identityOf(Number.parseInt(mark, 10));
  return identity !== undefined && nameMark(identity) === mark;
}
