import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { AppError } from "../../contract/errors.ts";
import { fileError } from "../files/durable.ts";

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
    const reason = reasonOf(String(error.code), error.message);
    throw new AppError({
      code: "splits/master-unreadable",
      message: `${file} ${reason}.`,
      hint:
        reason === notGzip
          ? "Rename it, or compress it again."
          : "Copy it again, or write it again; what is left of it would be read as a shorter table.",
      details: { file },
      cause: error,
    });
  }
}

const notGzip = "is not a gzip file, though its name ends in .gz";

function reasonOf(code: string, message: string): string {
  if (code === "Z_BUF_ERROR") return "is a gzip file that is cut off";
  return /incorrect header/.test(message) ? notGzip : "is a damaged gzip file (its checksum doesn't match)";
}
