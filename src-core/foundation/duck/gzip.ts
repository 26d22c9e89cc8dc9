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
    const { reason, hint } = reasonOf(String(error.code), error.message, firstBytes(file, 2));
    throw new AppError({
      code: "splits/master-unreadable",
      message: `${file} ${reason}.`,
      hint,
      details: { file },
      cause: error,
    });
  }
}

/** What to do about bytes that gzip itself passes over, with a warning at most. */
export const trailingHint =
  "They may be more rows, which `gzip -d` leaves out: write the table again. If you know that they are nothing, unpack the file: gzip -dc OLD.csv.gz > NEW.csv";

function reasonOf(code: string, message: string, start: Buffer): { readonly reason: string; readonly hint: string } {
  const again = "Copy it again, or write it again; what is left of it would be read as a shorter table.";
  if (start.length === 0) return { reason: "is empty", hint: "Copy it again, or write it again." };
  if (code === "Z_BUF_ERROR") return { reason: "is a gzip file that is cut off", hint: again };
  if (!/incorrect header/.test(message))
    return { reason: "is a damaged gzip file (its checksum doesn't match)", hint: again };
  return start[0] === 0x1f && start[1] === 0x8b
    ? { reason: "is a gzip file with other bytes after its end", hint: trailingHint }
    : { reason: "is not a gzip file, though its name ends in .gz", hint: "Rename it, or compress it again." };
}
