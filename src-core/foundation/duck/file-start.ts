import { isUtf8 } from "node:buffer";
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

/** What a file is that isn't UTF-8 text, by its first bytes; what to do about it. */
const otherFormats: readonly { readonly begin: readonly number[]; readonly is: string; readonly hint: string }[] = [
  { begin: [0xff, 0xfe, 0, 0], is: "text in UTF-32", hint: "Convert it: iconv -f UTF-32 -t UTF-8 OLD > NEW" },
  { begin: [0, 0, 0xfe, 0xff], is: "text in UTF-32", hint: "Convert it: iconv -f UTF-32 -t UTF-8 OLD > NEW" },
  { begin: [0xff, 0xfe], is: "text in UTF-16", hint: "Convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW" },
  { begin: [0xfe, 0xff], is: "text in UTF-16", hint: "Convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW" },
  {
    begin: [0x1f, 0x8b],
    is: "a gzip file",
    hint: "Let its name end in .csv.gz or .jsonl.gz, or unpack it: gzip -dc OLD > NEW",
  },
  { begin: [0x28, 0xb5, 0x2f, 0xfd], is: "a Zstandard file", hint: "Unpack it: zstd -d OLD -o NEW" },
  { begin: [0x42, 0x5a, 0x68], is: "a bzip2 file", hint: "Unpack it: bzip2 -dc OLD > NEW" },
  { begin: [0xfd, 0x37, 0x7a, 0x58, 0x5a], is: "an xz file", hint: "Unpack it: xz -dc OLD > NEW" },
  {
    begin: [0x50, 0x4b, 0x03, 0x04],
    is: "a zip file or a workbook of a spreadsheet",
    hint: "Unpack it, or export the sheet as CSV.",
  },
  { begin: [0x50, 0x41, 0x52, 0x31], is: "a Parquet file", hint: "Let its name end in .parquet." },
];

/**
 * Refuses a file that its first bytes show not to be text in UTF-8; of a file whose name ends in .gz, the first bytes that are packed in it.
 * @throws splits/master-unreadable
 */
export function refuseOtherFormat(file: string, start: Uint8Array): void {
  const found = formatOf(start);
  if (found === undefined) return;
  if (!/\.gz$/i.test(file)) throw otherFormat(file, `is ${found.is}, not text in UTF-8`, found.hint);
  const isTwice = found.is === "a gzip file";
  throw otherFormat(
    file,
    isTwice ? "was compressed twice" : `has ${found.is} in it, not text in UTF-8`,
    `Unpack it${isTwice ? " once" : ""}: gzip -dc OLD > NEW${isTwice ? ".csv.gz (or NEW.jsonl.gz)" : `. ${found.hint}`}`,
  );
}

/**
 * Refuses a file that is called a Parquet file and is another one.
 * @throws splits/master-unreadable, files/*
 */
export function refuseNoParquet(file: string): void {
  const start = firstBytes(file, 1_024);
  if (start.length === 0) throw otherFormat(file, "is empty", "Write the table again.");
  if (start.subarray(0, 4).toString("latin1") === "PARE")
    throw otherFormat(file, "is an encrypted Parquet file", "Write it without encryption.");
  const found = formatOf(start);
  if (found?.is === "a Parquet file") return;
  if (found !== undefined) throw otherFormat(file, `is ${found.is}, not a Parquet file`, found.hint);
  // Text, but for a character that the piece cuts.
  if (!start.includes(0) && isUtf8(start.subarray(0, start.lastIndexOf(0x0a) + 1 || undefined)))
    throw otherFormat(file, "is text, not a Parquet file", "Let its name end in .csv, .tsv or .jsonl.");
}

function formatOf(start: Uint8Array): (typeof otherFormats)[number] | undefined {
  return otherFormats.find(({ begin }) => begin.every((byte, index) => start[index] === byte));
}

function otherFormat(file: string, what: string, hint: string): AppError {
  return new AppError({ code: "splits/master-unreadable", message: `${file} ${what}.`, hint, details: { file } });
}
