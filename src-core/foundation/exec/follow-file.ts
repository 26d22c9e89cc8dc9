import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileError } from "../files/durable.ts";

export interface FollowOptions {
  /** Byte to begin at; 0 by default. */
  readonly offset?: number;
  /** Ends the following; what was read so far has been handed out. */
  readonly signal?: AbortSignal;
  /** True once no process will write any more: what is there then is read to its end, and the following ends. */
  readonly until: () => boolean;
}

export interface Piece {
  readonly bytes: Buffer;
  /** Offset of the byte after this piece: following from there continues without loss or repetition. */
  readonly end: number;
}

const pieceBytes = 65_536;
const [shortestMs, longestMs] = [15, 100];

/** Bytes of a growing file in order, from an offset. The file may appear later. Polls, so it works on every file system. */
export async function* followFile(file: string, options: FollowOptions): AsyncGenerator<Piece> {
  const { signal } = options;
  let end = options.offset ?? 0;
  let waitMs = shortestMs;
  let handle: FileHandle | undefined;
  try {
    while (!signal?.aborted) {
      // Asked before reading: what was written before the writer ended is in the read that follows.
      const isLast = options.until();
      handle ??= await openIfThere(file);
      let isGrown = false;
      while (handle !== undefined && !signal?.aborted) {
        const bytes = Buffer.allocUnsafe(pieceBytes);
        const { bytesRead } = await handle.read(bytes, 0, pieceBytes, end);
        if (bytesRead === 0) break;
        end += bytesRead;
        isGrown = true;
        yield { bytes: bytes.subarray(0, bytesRead), end };
      }
      if (isLast) return;
      waitMs = isGrown ? shortestMs : Math.min(longestMs, waitMs * 1.5);
      await pause(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  } finally {
    await handle?.close();
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw fileError(error, "follow", file);
  }
}

export interface Line {
  /** Without its line end; undefined for one longer than a mebibyte, which is skipped. */
  readonly text: string | undefined;
  /** Offset of the byte after its line end. */
  readonly end: number;
}

const longestLine = 1 << 20;

/** Whole lines of a growing file. */
export function followLines(file: string, options: FollowOptions): AsyncGenerator<Line> {
  return linesOf(followFile(file, options));
}

/** Whole lines of what comes in pieces. A last line without its end waits; it is not handed out if the writer never ends it. */
export async function* linesOf(pieces: AsyncIterable<Piece>): AsyncGenerator<Line> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isTooLong = false;
  for await (const { bytes, end } of pieces) {
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      held.push(bytes.subarray(from, at));
      const isSkipped = isTooLong || heldBytes + at - from > longestLine;
      yield {
        text: isSkipped ? undefined : Buffer.concat(held).toString("utf8"),
        end: end - bytes.length + at + 1,
      };
      [held, heldBytes, isTooLong] = [[], 0, false];
      from = at + 1;
    }
    heldBytes += bytes.length - from;
    isTooLong ||= heldBytes > longestLine;
    if (isTooLong) held = [];
    else held.push(bytes.subarray(from));
  }
}
