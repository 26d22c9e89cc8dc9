import { closeSync, openSync, readSync } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { fileError } from "../files/durable.ts";

/** At most the first `limit` bytes of a file. @throws files/* */
export function firstBytes(file: string, limit: number): Buffer {
  const piece = Buffer.allocUnsafe(limit);
  try {
    const handle = openSync(file, "r");
    try {
      return piece.subarray(0, readSync(handle, piece));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileError(error, "read", file);
  }
}

/** @throws splits/master-unreadable for text whose first bytes are the mark of UTF-16 or UTF-32 */
export function refuseWideEncoding(file: string, start: Uint8Array): void {
  const encoding = wideEncoding(start);
  if (encoding === null) return;
  throw new AppError({
    code: "splits/master-unreadable",
    message: `${file} is text in ${encoding}, not in UTF-8.`,
    hint: `Convert the file: iconv -f ${encoding} -t UTF-8 OLD > NEW`,
    details: { file, encoding },
  });
}

function wideEncoding(bytes: Uint8Array): "UTF-16" | "UTF-32" | null {
  const begins = (...mark: readonly number[]) => mark.every((byte, index) => bytes[index] === byte);
  if (begins(0xff, 0xfe, 0, 0) || begins(0, 0, 0xfe, 0xff)) return "UTF-32";
  return begins(0xff, 0xfe) || begins(0xfe, 0xff) ? "UTF-16" : null;
}
