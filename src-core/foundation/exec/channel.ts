import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { readJobStatus } from "./job-status.ts";
import type { Channel } from "./place.ts";

/** Last argument of a runner whose program is talked to through the runner's standard input and output. */
export const channelFlag = "--lines";

/** A channel over the pipes of a runner that was started just now: what it says from here on is kept until it is read. */
export function channelOf(runner: ChildProcess, folder: string, attempt: number): Channel {
  // A program that ended breaks the pipe; its job's status says why.
  runner.stdin?.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => runner.once("close", () => resolve()));
  return {
    folder,
    attempt,
    send: (line) => void runner.stdin?.write(`${line}\n`),
    lines: createInterface({ input: runner.stdout ?? Readable.from([]) })[Symbol.asyncIterator](),
    end: () => void runner.stdin?.end(),
    ended: closed.then(() => readJobStatus(folder) ?? { state: "lost", attempt, brokenOutputs: [] }),
  };
}
