import { isUtf8 } from "node:buffer";
import { constants, gunzipSync } from "node:zlib";
import { AppError } from "../../contract/errors.ts";
import { distinctNames, renamed } from "./column-names.ts";
import { csvRecords } from "./csv-records.ts";
import { firstBytes, refuseOtherFormat } from "./file-start.ts";
import type { TableRemark } from "./table-columns.ts";

export interface CsvHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
  /** Lines before the header: Excel's `sep=;`, comments that begin with `#`. */
  readonly skippedLines: number;
  readonly remarks: readonly TableRemark[];
}

const delimiters = [",", ";", "\t", "|"] as const;
const headerLimitBytes = 1 << 20;
/** Number of compressed bytes read: even at the format's best ratio (1 : 1030) they unpack to less than 70 MB. */
const packedLimitBytes = 1 << 16;
/** Records that settle the delimiter. */
const sampledRecords = 1_000;
/** Lines before the header that are looked through. */
const mostSkippedLines = 100;

/**
 * Names and delimiter of a CSV file from its beginning, null if it has no header. The rows settle the delimiter: it is the
 * one under which most of them have as many fields as the header. `isWhole` is false if the text ends in mid-file.
 */
export function csvHeader(text: string, isWhole = true): CsvHeader | null {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const declared = /^sep=([^\r\n])\r?\n/i.exec(body);
  if (declared !== null) {
    const best = reading(body.slice(declared[0].length), declared[1] ?? ",", isWhole);
    return headerOf(best, 1, [{ what: "line 1 is skipped", why: "it names the separator for a spreadsheet" }]);
  }
  const skipped = linesBefore(body, isWhole);
  const best = bestReading(rest(body, skipped), isWhole);
  return headerOf(best, skipped, skipped === 0 ? [] : [commentRemark(skipped)]);
}

function commentRemark(skipped: number): TableRemark {
  const lines = skipped === 1 ? "line 1 is" : `lines 1 to ${skipped} are`;
  return { what: `${lines} skipped`, why: "comments before the header" };
}

function headerOf(
  { delimiter, fields }: Reading,
  skippedLines: number,
  remarks: readonly TableRemark[],
): CsvHeader | null {
  if (fields === null || fields.every((field) => field === "")) return null;
  const names = distinctNames(fields.map((field) => field.trim()));
  return { delimiter, names, skippedLines, remarks: [...remarks, ...renamed(fields, names)] };
}

interface Reading {
  readonly delimiter: string;
  /** Fields of the header; null if it isn't a record of RFC 4180. */
  readonly fields: readonly string[] | null;
  /** Share of the sampled rows that have as many fields as the header; 0 if that is one. */
  readonly fitting: number;
}

function reading(text: string, delimiter: string, isWhole: boolean): Reading {
  const all = csvRecords(text, delimiter, sampledRecords + 1);
  const [header, ...following] = all;
  if (header === undefined || header.fields === null) return { delimiter, fields: null, fitting: 0 };
  // What was read may end within a record.
  const isCut = !isWhole && all.length <= sampledRecords;
  const rows = (isCut ? following.slice(0, -1) : following).filter(({ isEmpty }) => !isEmpty);
  const width = header.fields.length;
  const fitting = rows.filter(({ fields, isStrict }) => isStrict && fields?.length === width).length;
  const isSettled = header.isStrict && width > 1 && rows.length > 0;
  return { delimiter, fields: header.fields, fitting: isSettled ? fitting / rows.length : 0 };
}

/** Where the rows don't settle it, the delimiter that gives the header most fields. */
function bestReading(text: string, isWhole: boolean): Reading {
  const width = ({ fields }: Reading) => fields?.length ?? 0;
  return delimiters
    .map((delimiter) => reading(text, delimiter, isWhole))
    .reduce((a, b) => ((b.fitting - a.fitting || width(b) - width(a)) > 0 ? b : a));
}

/** Number of lines that are comments: they begin with `#`, and the rows have as many fields as the line after them, not as they. */
function linesBefore(body: string, isWhole: boolean): number {
  let skipped = 0;
  let at = 0;
  while (body[at] === "#" && skipped < mostSkippedLines) {
    const end = body.indexOf("\n", at);
    if (end < 0) return 0;
    at = end + 1;
    skipped += 1;
  }
  if (skipped === 0) return 0;
  // "#id,name" is a header: the last such line counts as one if the rows fit it.
  const asHeader = bestReading(rest(body, skipped - 1), isWhole);
  return asHeader.fitting > 0.5 ? skipped - 1 : skipped;
}

function rest(text: string, lines: number): string {
  let at = 0;
  for (let line = 0; line < lines; line++) at = text.indexOf("\n", at) + 1;
  return text.slice(at);
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
  const limit = isPacked ? packedLimitBytes : headerLimitBytes;
  const piece = firstBytes(file, limit);
  const bytes = isPacked ? unpacked(piece) : piece;
  if (bytes === null)
    throw unreadable("not a gzip file, though its name ends in .gz", "Rename it, or compress it again.");
  refuseOtherFormat(file, bytes);
  // Only the first line: what was read may end in the middle of a character.
  const line = bytes.indexOf("\n") < 0 ? bytes : bytes.subarray(0, bytes.indexOf("\n"));
  if (line.includes(0) || (line.length < bytes.length && !isUtf8(line))) {
    throw unreadable(
      "text that is not UTF-8",
      "Convert the file: iconv -f LATIN1 -t UTF-8 OLD > NEW (with the encoding it really has).",
    );
  }
  const text = bytes.toString("utf8");
  if (isJsonObject(text.split("\n", 1)[0] ?? "")) {
    throw unreadable("a JSON object", "Give the file the extension of JSON Lines: .jsonl");
  }
  const header = csvHeader(text, piece.length < limit);
  if (header === null) {
    throw unreadable(
      "no header with column names, or a quote that is never closed",
      "The first line of a CSV table names its columns.",
    );
  }
  const names = header.names.length;
  const width = rowWidth(text, header.skippedLines, names === 1 ? delimiters : [header.delimiter]);
  if (names === 1 && width > 1) {
    throw unreadable(
      `one field, but the rows below have ${width}`,
      "Delete the lines before the line that names the columns, or begin them with `#`.",
    );
  }
  if (width > names) {
    throw unreadable(
      `${names} names, but the rows below have ${width} fields`,
      width === names + 1
        ? "Name the first column too (R: `write.csv`, or `write.table` with `col.names = NA`)."
        : "Give each column a name in the first line.",
    );
  }
  // In both cases, DuckDB would read no row at all.
  const broken = foreignBreak(text, header);
  if (broken !== null) {
    throw unreadable(
      `a line break in the name of the column ${JSON.stringify(broken)} that is another than those at the ends of the lines`,
      "Rename the column without a line break.",
    );
  }
  if (hasMixedEnds(text, header.skippedLines)) {
    throw unreadable(
      "lines before the header with other line ends than the header's",
      "Write one kind of line end throughout (sed -i 's/\\r$//' FILE makes them all Unix line ends), then run again.",
    );
  }
  return header;
}

function isJsonObject(line: string): boolean {
  const text = line.replace(/^\uFEFF/, "").trim();
  if (!text.startsWith("{") || !text.endsWith("}")) return false;
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/**
 * Number of fields that nearly all records after the first have, an empty last one not counted, under the separator that gives most;
 * 1 if there is none.
 */
function rowWidth(text: string, skippedLines: number, separators: readonly string[]): number {
  const widths = separators.map((delimiter) => {
    // The last one may be cut off.
    const rows = csvRecords(rest(text, skippedLines), delimiter, sampledRecords).slice(1, -1);
    const filled = rows.filter(({ isEmpty }) => !isEmpty).map(({ fields }) => filledWidth(fields));
    const usual = filled.toSorted((a, b) => a - b)[Math.floor(filled.length / 2)] ?? 1;
    return filled.filter((width) => width === usual).length >= 0.9 * filled.length ? usual : 1;
  });
  return Math.max(...widths);
}

/** DuckDB, too, takes a separator at a row's end for no further field. */
function filledWidth(fields: readonly string[] | null): number {
  if (fields === null) return 1;
  return fields.at(-1) === "" ? fields.length - 1 : fields.length;
}

/** True if the line after the first `lines` ones ends otherwise than one of them. */
function hasMixedEnds(text: string, lines: number): boolean {
  const ends = text.split("\n", lines + 1).map((line) => line.endsWith("\r"));
  return new Set(ends).size > 1;
}

/** The first name with a line break of another kind than the one that ends the header; null if there is none. */
function foreignBreak(text: string, { skippedLines, delimiter }: CsvHeader): string | null {
  // DuckDB takes the first line end of a file for that of all lines, also where it is inside quotes.
  if (skippedLines > 0) return null;
  const [header] = csvRecords(text, delimiter, 1);
  const isForeign = (name: string) => (name.match(/\r\n|\n|\r/g) ?? []).some((end) => end !== header?.lineEnd);
  return header?.fields?.find(isForeign) ?? null;
}

/** What the beginning of a gzip file unpacks to; null if it isn't one. */
function unpacked(piece: Buffer): Buffer | null {
  try {
    return gunzipSync(piece, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return null;
  }
}
