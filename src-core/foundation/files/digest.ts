import { closeSync, openSync, readSync } from "node:fs";
import { fileError } from "./durable.ts";

/** Loaded with the first digest, because it takes a fifth of Node's start-up time and many commands compute none. */
const crypto = () => process.getBuiltinModule("node:crypto");

/** Computes the sha256 in hex of a string (UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): string {
  return crypto().hash("sha256", content, "hex");
}

/** Computes the hex digest of a file, read in pieces of 1 MiB (the fastest on one core; most of the time is hashing). */
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
