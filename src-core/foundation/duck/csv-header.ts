import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { AppError } from "../../contract/errors.ts";
import { fileError } from "../files/durable.ts";

export interface CsvHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const delimiters = [",", ";", "\t", "|"] as const;
const headerLimitBytes = 1 << 20;
/** Number of compressed bytes read: even at the format's best ratio (1 : 1030) they unpack to less than 70 MB. */
const packedLimitBytes = 1 << 16;

/** Names and delimiter of a CSV file, from its first record alone: a sniffer that reads on may skip rows. */
export function csvHeader(text: string): CsvHeader | null {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const candidates = delimiters.map((delimiter) => ({ delimiter, fields: firstRecord(body, delimiter) }));
  const best = candidates.reduce((a, b) => ((b.fields?.length ?? 0) > (a.fields?.length ?? 0) ? b : a));
  if (best.fields === null || best.fields.every((field) => field === "")) return null;
  return { delimiter: best.delimiter, names: uniqueNames(best.fields) };
}

/** Fields of the first record (RFC 4180); null if a quote stays open. */
function firstRecord(text: string, delimiter: string): readonly string[] | null {
  const fields: string[] = [];
  let field = "";
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text[++index];
      else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === delimiter) {
      fields.push(field);
      field = "";
    } else if (character === "\n" || character === "\r") break;
    else field += character;
  }
  return isQuoted ? null : [...fields, field];
}

/** An empty name becomes `column<index>`, a repeated one gets `_1`, `_2`, …: no column is lost. */
function uniqueNames(fields: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return fields.map((field, index) => {
    const base = field.trim() === "" ? `column${index}` : field.trim();
    let name = base;
    // Case-insensitive, as SQL names are.
    for (let repeat = 1; taken.has(name.toLowerCase()); repeat++) name = `${base}_${repeat}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** @throws files/*, splits/master-unreadable (no header, a first record that never ends, text in another encoding than UTF-8) */
export function readCsvHeader(file: string): CsvHeader {
  const unreadable = (reason: string, hint: string) =>
    new AppError({
      code: "splits/master-unreadable",
      message: `${file}, line 1: ${reason}.`,
      hint,
      details: { file, line: 1 },
    });
  const isPacked = /\.gz$/i.test(file);
  const piece = firstBytes(file, isPacked ? packedLimitBytes : headerLimitBytes);
  const bytes = isPacked ? unpacked(piece) : piece;
  if (bytes === null)
    throw unreadable("not a gzip file, though its name ends in .gz", "Rename it, or compress it again.");
  // Only the first line: what was read may end in the middle of a character.
  const line = bytes.indexOf("\n") < 0 ? bytes : bytes.subarray(0, bytes.indexOf("\n"));
  if (line.includes(0) || (line.length < bytes.length && !isUtf8(line))) {
    throw unreadable(
      "text that is not UTF-8",
      "Convert the file: iconv -f LATIN1 -t UTF-8 OLD > NEW (with the encoding it really has).",
    );
  }
  const header = csvHeader(bytes.toString("utf8"));
  if (header === null) {
    throw unreadable(
      "no header with column names, or a quote that is never closed",
      "The first line of a CSV table names its columns.",
    );
  }
  return header;
}

function firstBytes(file: string, limit: number): Buffer {
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

/** What the beginning of a gzip file unpacks to; null if it isn't one. */
function unpacked(piece: Buffer): Buffer | null {
  try {
    return gunzipSync(piece, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return null;
  }
}
