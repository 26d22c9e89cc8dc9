import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { fileError } from "../../../foundation/files/durable.ts";

interface FileBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * sha256 of a file, yielding to other work between its pieces; with `isSynced` the file is also on the
 * disk afterwards, since its fsync runs at the same time.
 * @throws files/*
 */
export async function fileSha256(file: string, { isSynced = false } = {}): Promise<FileBytes> {
  try {
    const handle = await open(file, "r");
    try {
      const hasher = createHash("sha256");
      const piece = Buffer.allocUnsafe(1 << 20);
      const synced = isSynced ? handle.sync() : Promise.resolve();
      let sizeBytes = 0;
      const hashed = (async () => {
        for (;;) {
          const { bytesRead } = await handle.read(piece, 0, piece.length);
          if (bytesRead === 0) return;
          hasher.update(piece.subarray(0, bytesRead));
          sizeBytes += bytesRead;
        }
      })();
      await bothEnded(hashed, synced);
      return { sha256: hasher.digest("hex"), sizeBytes };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, "read", file);
  }
}

/** Like Promise.all, but nothing still runs when it rejects: file or database may be closed then. */
export async function bothEnded<A, B>(one: Promise<A>, other: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}
