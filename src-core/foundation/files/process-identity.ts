import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import os from "node:os";

/** Identifies a process beyond its pid, because pids are reused, and every container counts its own. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot on Linux (field 22 of /proc/<pid>/stat); the output of `ps -o lstart=` elsewhere. */
  readonly startTime: string;
  /** Start times are only comparable within one boot. */
  readonly bootId: string;
  /** Where the pid counts: a container has a PID namespace of its own. Empty on systems without them. */
  readonly namespace: string;
  /** The machine, over its boots. */
  readonly host: string;
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

let spaceOnce: { readonly namespace: string; readonly host: string } | undefined;

/** Where this process runs. */
function space(): { readonly namespace: string; readonly host: string } {
  spaceOnce ??= { namespace: readNamespace(), host: readHost() };
  return spaceOnce;
}

function readNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function readHost(): string {
  try {
    const id = readFileSync("/etc/machine-id", "utf8").trim();
    if (id !== "") return id;
  } catch {
    // Containers and other systems have none.
  }
  return os.hostname();
}

/**
 * Returns the start time of a live process; undefined if there is none. A zombie counts as dead once its last thread has ended: until then
 * its locks are held.
 */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name of the command may contain spaces and parentheses, so fields are counted after its last ')'.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const isLeaderDead = fields[0] === "Z" || fields[0] === "X";
      return isLeaderDead && readdirSync(`/proc/${pid}/task`).length <= 1 ? undefined : fields[19];
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
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId(), ...space() };
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "unknown", bootId: bootId(), ...space() };
}

/**
 * Checks whether exactly this process is alive and can be signalled: same pid, start, boot and PID namespace. False means nothing for a
 * process of another container or host: whether that is at work is known by the lock that it holds.
 */
export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  const { bootId: boot, namespace, startTime, pid } = identity;
  return boot === bootId() && namespace === space().namespace && startTimeOf(pid) === startTime;
}

/** Checks whether a process is known to have ended: one of another container or host isn't, unless that host is this one before its last boot. */
export function isKnownDead(identity: ProcessIdentity): boolean {
  const isOfThisBoot = identity.bootId === bootId();
  if (!isOfThisBoot) return identity.host === space().host;
  return identity.namespace === space().namespace && startTimeOf(identity.pid) !== identity.startTime;
}

const short = (text: string, digits: number): string =>
  process.getBuiltinModule("node:crypto").hash("sha256", text).slice(0, digits);

/** Returns `<pid>-<digits>`, an identity for file names: hexadecimal digits of start time (8), boot, namespace and host (6 each). */
export function nameMark({ pid, startTime, bootId, namespace, host }: ProcessIdentity): string {
  return `${pid}-${short(startTime, 8)}${[bootId, namespace, host].map((it) => short(it, 6)).join("")}`;
}

/** Checks whether the process of a `nameMark` is known to have ended. An unreadable mark is of no known process. */
export function isMarkedProcessDead(mark: string): boolean {
  const found = /^(\d+)-([0-9a-f]{8})([0-9a-f]{6})([0-9a-f]{6})([0-9a-f]{6})$/.exec(mark);
  if (found === null) return false;
  const [, pid, start, boot, namespace, host] = found;
  if (boot !== short(bootId(), 6)) return host === short(space().host, 6);
  if (namespace !== short(space().namespace, 6)) return false;
  const startTime = startTimeOf(Number(pid));
  return startTime === undefined || short(startTime, 8) !== start;
}
