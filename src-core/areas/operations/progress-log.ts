import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import type { Progress } from "../../contract/operation.ts";
import { progressShape } from "../../contract/progress.ts";
import { followLines } from "../../foundation/exec/follow-file.ts";
import { tailOf } from "../../foundation/exec/out-of-memory.ts";
import { fileError } from "../../foundation/files/durable.ts";
import { projectPaths } from "../../foundation/files/paths.ts";

/** `.signalbox/operations/<id>/progress.jsonl`: what every face shows of a long operation, followed by offset. */
export function progressFile(projectDir: string, id: string): string {
  return path.join(projectPaths(projectDir).operations, id, "progress.jsonl");
}

const progressSchema = z.looseObject(progressShape);

export interface ProgressLog {
  readonly write: (progress: Progress) => void;
  readonly close: () => void;
}

/** Opens the file for one execution. A later execution of the same operation continues it. */
export function openProgressLog(file: string): ProgressLog {
  let handle: number;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    handle = openSync(file, "a", 0o644);
    const last = tailOf(file, 0, 1);
    if (last !== "" && last !== "\n") writeSync(handle, "\n");
  } catch (error) {
    throw fileError(error, "open", file);
  }
  return {
    write: (progress) => {
      try {
        // One write a line: followers never see two lines mixed.
        writeSync(handle, `${JSON.stringify(progress)}\n`);
      } catch {
        // What is shown of an operation must not end it: a full disk ends the operation's own writes, with a message.
      }
    },
    close: () => closeSync(handle),
  };
}

function parseProgress(line: string): Progress | undefined {
  try {
    const parsed = progressSchema.safeParse(JSON.parse(line));
    // Zod's optional keys may hold undefined; JSON has none.
    return parsed.success ? (parsed.data as Progress) : undefined;
  } catch {
    return undefined;
  }
}

export interface FollowProgress {
  readonly signal: AbortSignal;
  readonly until: () => boolean;
  readonly onProgress: (progress: Progress) => void;
}

/** Hands out the progress of an operation from its beginning to its end. A line torn by a kill is skipped. */
export async function followProgress(file: string, options: FollowProgress): Promise<void> {
  for await (const { text } of followLines(file, { signal: options.signal, until: options.until })) {
    const progress = text === undefined ? undefined : parseProgress(text);
    if (progress !== undefined) options.onProgress(progress);
  }
}
