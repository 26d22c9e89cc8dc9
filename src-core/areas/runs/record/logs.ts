import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import path from "node:path";

export interface JobLog {
  readonly job: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly text: string;
}

/** At most this much is read from the end of a log, because it may have hundreds of MiB. */
const longestTailBytes = 16 << 20;

/** Reads the logs of a run's jobs (folders with an output.log), sorted by name; `tail` lines of each, 0 for all. */
export function jobLogs(
  runDir: string,
  options: { readonly job?: string | undefined; readonly tail: number },
): JobLog[] {
  if (!existsSync(runDir)) return [];
  return readdirSync(runDir)
    .filter((name) => existsSync(path.join(runDir, name, "output.log")))
    .filter((name) => options.job === undefined || name.startsWith(options.job))
    .sort()
    .map((job) => {
      const file = path.join(runDir, job, "output.log");
      return { job, file, ...readTail(file, options.tail) };
    });
}

function readTail(file: string, lines: number): { readonly sizeBytes: number; readonly text: string } {
  const handle = openSync(file, "r");
  try {
    const sizeBytes = fstatSync(handle).size;
    const start = lines === 0 ? 0 : Math.max(0, sizeBytes - longestTailBytes);
    const bytes = Buffer.alloc(sizeBytes - start);
    const read = readSync(handle, bytes, 0, bytes.length, start);
    const text = bytes.toString("utf8", 0, read);
    if (lines === 0) return { sizeBytes, text };
    const all = text.split("\n");
    const isEnded = all.at(-1) === "";
    return { sizeBytes, text: all.slice(-(lines + (isEnded ? 1 : 0))).join("\n") };
  } finally {
    closeSync(handle);
  }
}
