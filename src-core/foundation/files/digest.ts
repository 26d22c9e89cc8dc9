import { closeSync, openSync, readSync } from "node:fs";
import { fileError } from "./durable.ts";

/** Loaded with the first digest: it takes as long as a fifth of Node's own start, and a command that only looks makes none. */
const crypto = () => process.getBuiltinModule("node:crypto");

/** sha256 in hex of a text (UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): string {
  return crypto().hash("sha256", content, "hex");
}

/** Hex digest of a file, read in 1 MiB pieces (the fastest on one core; the work is the hash). */
export function fileDigest(file: string, algorithm: "sha256" | "md5" = "sha256"): string {
  try {
    const handle = openSync(file, "r");
    try {
      const hasher = crypto().createHash(algorithm);
      const piece = Buffer.allocUnsafe(1 << 20);
      for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece))
        hasher.update(piece.subarray(0, read));
      return hasher.digest("hex");
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileError(error, "read", file);
  }
}
