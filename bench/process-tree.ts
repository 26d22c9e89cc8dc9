import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { Measurement } from "./bench.ts";

/** Between two samples of the memory: short enough for fits of a tenth of a second. */
const everyMs = 100;
const pageBytes = 4096;

export interface TreeRun extends Measurement {
  readonly stdout: string;
}

/** Runs a program and measures its wall time, start and imports included, and the peak resident size of all its processes. */
export async function runTree(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<TreeRun> {
  const start = performance.now();
  const child = spawn(command, [...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, treeBytes(child.pid ?? 0));
  }, everyMs);
  try {
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`${command} ${args.join(" ")} ended with ${code}.`));
      });
    });
    return { seconds: (performance.now() - start) / 1000, peakBytes: peakBytes || null, stdout };
  } finally {
    clearInterval(look);
  }
}

/**
 * Resident bytes of a process and its descendants; 0 if the system doesn't report it. Processes of one program share its libraries' pages,
 * which are counted once. Adding up each process's own share (`smaps_rollup`) would walk their page tables and use a tenth of a core.
 */
function treeBytes(pid: number): number {
  let own = 0;
  const shared = new Map<string, number>();
  for (const one of tree(pid)) {
    const [, resident = 0, files = 0] = read(`/proc/${one}/statm`).split(" ").map(Number);
    own += resident - files;
    const program = programOf(one);
    shared.set(program, Math.max(shared.get(program) ?? 0, files));
  }
  return (own + [...shared.values()].reduce((sum, pages) => sum + pages, 0)) * pageBytes;
}

function tree(pid: number): readonly number[] {
  // A process belongs to the thread that started it.
  const children = listed(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(" "),
  );
  return [pid, ...children.filter(Boolean).flatMap((child) => tree(Number(child)))];
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

/** Empty for a process that has ended in the meantime. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
