import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { AppError } from "../../contract/errors.ts";
import { fileError } from "../files/durable.ts";
import { firstBytes } from "./file-start.ts";

/**
 * Unpacks a gzip file to its end, for nothing but its checksum: DuckDB reads what is left of a truncated one, and says nothing.
 * @throws splits/master-unreadable if it is truncated, damaged or no gzip file; files/*
 */
export async function checkGzip(file: string): Promise<void> {
  const nowhere = new Writable({ write: (_, __, done) => done() });
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), createGunzip({ chunkSize: 1 << 20 }), nowhere);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("Z_"))
      throw fileError(error, "read", file);
    const reason = reasonOf(String(error.code), error.message, firstBytes(file, 2));
    throw new AppError({
      code: "splits/master-unreadable",
      message: `${file} ${reason}.`,
      hint:
        reason === notGzip
          ? "Rename it, or compress it again."
          : reason === trailing
            ? "Unpack it and compress it again; most programs ignore those bytes."
            : "Copy it again, or write it again; what is left of it would be read as a shorter table.",
      details: { file },
      cause: error,
    });
  }
}

const notGzip = "is not a gzip file, though its name ends in .gz";

const trailing = "is a gzip file with other bytes after its end";

function reasonOf(code: string, message: string, start: Buffer): string {
  if (code === "Z_BUF_ERROR") return "is a gzip file that is cut off";
  if (!/incorrect header/.test(message)) return "is a damaged gzip file (its checksum doesn't match)";
  return start[0] === 0x1f && start[1] === 0x8b ? trailing : notGzip;
}
