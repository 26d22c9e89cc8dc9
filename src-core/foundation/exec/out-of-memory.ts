import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

function counterIn(file: string): number | undefined {
  try {
    const value = /^oom_kill (\d+)$/m.exec(readFileSync(file, "utf8"))?.[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

function memoryGroups(): readonly string[] {
  let text: string;
  try {
    text = readFileSync("/proc/self/cgroup", "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [, controllers, ...rest] = line.split(":");
    const group = rest.join(":");
    if (controllers === "") return [`/sys/fs/cgroup${group}/memory.events`];
    return controllers === "memory" ? [`/sys/fs/cgroup/memory${group}/memory.oom_control`] : [];
  });
}

/**
 * How many processes the kernel killed for memory so far: in our own control group where it can be read, else on the whole
 * machine. Undefined where the kernel doesn't say (macOS).
 */
export function outOfMemoryKills(): number | undefined {
  for (const file of [...memoryGroups(), "/proc/vmstat"]) {
    const value = counterIn(file);
    if (value !== undefined) return value;
  }
  return undefined;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** True if the runner itself sent a KILL. */
  readonly isKilledByUs: boolean;
  readonly killsBefore: number | undefined;
  readonly killsAfter: number | undefined;
  /** The end of events.jsonl. */
  readonly eventsTail: string;
}

/** Out of memory by evidence: a kernel record beside a KILL that none of our processes sent, or the trainer's own error event. */
export function isOutOfMemory(ending: Ending): boolean {
  if (ending.code === 0) return false;
  const isKilled = !ending.isKilledByUs && (ending.signal === "SIGKILL" || ending.code === 137);
  if (isKilled && ending.killsBefore !== undefined && (ending.killsAfter ?? 0) > ending.killsBefore) return true;
  return ending.eventsTail.split("\n").some(saysOutOfMemory);
}

function saysOutOfMemory(line: string): boolean {
  if (!line.includes('"error"')) return false;
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event !== "object" || event === null || !("type" in event) || event.type !== "error") return false;
    if ("code" in event && event.code === "jobs/out-of-memory") return true;
    return /\bMemoryError\b|CUDA out of memory/.test(line);
  } catch {
    return false;
  }
}

/** The last bytes of a file from `offset` on; empty where it is missing. */
export function tailOf(file: string, offset = 0, maxBytes = 65_536): string {
  try {
    const handle = openSync(file, "r");
    try {
      const size = fstatSync(handle).size;
      const from = Math.max(offset, size - maxBytes);
      const piece = Buffer.alloc(Math.max(0, size - from));
      return piece.toString("utf8", 0, readSync(handle, piece, 0, piece.length, from));
    } finally {
      closeSync(handle);
    }
  } catch {
    return "";
  }
}
