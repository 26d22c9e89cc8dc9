import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { Measurement } from "./bench.ts";

/** Between two looks at the memory: often enough for fits of a second, seldom enough to cost a hundredth of a core. */
const everyMs = 250;

export interface TreeRun extends Measurement {
  readonly stdout: string;
}

/** Runs a program to its end: its wall time, start and imports included, and the peak resident size of all its processes. */
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

/** Resident bytes of a process and all below it, pages that several share counted once; 0 where the system doesn't tell. */
function treeBytes(pid: number): number {
  const [own, children] = [read(`/proc/${pid}/smaps_rollup`), read(`/proc/${pid}/task/${pid}/children`)];
  const kib = Number(/^Pss:\s+(\d+) kB$/m.exec(own)?.[1] ?? 0);
  return (
    kib * 1024 +
    children
      .split(" ")
      .filter(Boolean)
      .reduce((sum, child) => sum + treeBytes(Number(child)), 0)
  );
}

/** Empty for a process that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
