import { readFileSync } from "node:fs";

/** Identifies a process beyond its pid, because pids are reused. Start times are only comparable within one boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot on Linux (field 22 of /proc/<pid>/stat); the output of `ps -o lstart=` elsewhere. */
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
    // macOS has no boot id, but the time of the boot in seconds works as well.
    return outputOf("sysctl", ["-n", "kern.boottime"]) ?? "unknown";
  }
}

/** Returns the start time of a live process; undefined if there is none (a zombie counts as dead). */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name of the command may contain spaces and parentheses, so fields are counted after its last ')'.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  return outputOf("ps", ["-o", "lstart=", "-p", String(pid)]);
}

/** For systems without /proc. The module is loaded here, because on Linux every command would have to wait for it. */
function outputOf(command: string, args: readonly string[]): string | undefined {
  const answer = process.getBuiltinModule("node:child_process").spawnSync(command, args, { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() || undefined : undefined;
}

/** Returns the identity of a live process; undefined if there is none. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "unknown", bootId: bootId() };
}

/** Checks whether exactly this process is alive: same pid, same start, same boot. */
export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime;
}

/** Returns `<pid>-<8 hexadecimal digits of start time and boot>`, an identity for file names. */
export function nameMark({ pid, startTime, bootId }: ProcessIdentity): string {
  return `${pid}-${process.getBuiltinModule("node:crypto").hash("sha256", `${startTime}/${bootId}`).slice(0, 8)}`;
}

/** Checks whether exactly the process of a `nameMark` is alive. */
export function isMarkedProcessAlive(mark: string): boolean {
  const identity = identityOf(Number.parseInt(mark, 10));
  return identity !== undefined && nameMark(identity) === mark;
}
