import { nextStep } from "../../contract/build-step.ts";
import { AppError, cancelled, type ErrorCode, type ErrorDetails } from "../../contract/errors.ts";
import type { NextStep } from "../../contract/next-step.ts";
import { trailingHint } from "./gzip.ts";

interface Pattern {
  readonly test: RegExp;
  readonly code: ErrorCode;
  /** What failed, if the message says so. */
  readonly verb?: "read" | "write";
  readonly reason: string;
  readonly hint: string;
  readonly next?: readonly NextStep[];
}

/** DuckDB has no error codes; its messages, tried with the pinned version, are recognised here and nowhere else. */
const patterns: readonly Pattern[] = [
  {
    test: /No space left on device|Disk quota exceeded|disk is full|max_temp_directory_size/i,
    code: "files/disk-full",
    verb: "write",
    reason: "the disk is full",
    hint: "Free space, then run the command again: no file was left half-written.",
    next: [nextStep("environment.collect", {}, "shows what it can free")],
  },
  {
    test: /Permission denied|Operation not permitted|Read-only file system/i,
    code: "files/no-permission",
    reason: "permission denied",
    hint: "Give yourself permission for that path.",
  },
  {
    test: /No files found that match|No such file or directory/i,
    code: "files/not-found",
    verb: "read",
    reason: "no such file",
    hint: "Check the path.",
    next: [nextStep("data.status", {}, "shows what brings it back")],
  },
  {
    test: /Out of Memory Error|failed to allocate|could not allocate|failed to pin block/i,
    code: "splits/out-of-memory",
    reason: "not enough memory",
    hint: "Raise `executors: {local: {memory_gib: …}}` in signalbox.yaml or close other programs.",
  },
  {
    test: /invalid unicode|not utf-?8|invalid utf-?8|byte sequence mismatch|unicode \(/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "text that is not UTF-8",
    hint: "Convert the file: iconv -f LATIN1 -t UTF-8 OLD > NEW (with the encoding it really has).",
  },
  {
    test: /CSV Parser state machine reached an invalid state/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "rows whose line ends or quotes are mixed",
    hint: "Write one kind of line end throughout (sed -i 's/\\r$//' FILE makes them all Unix line ends), close every quote, then run again.",
  },
  {
    test: /CSV Error on Line|Error when sniffing file|CSV Error/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "a broken CSV row",
    hint: "Correct that line (as many fields as the header, quotes closed), then run again.",
  },
  {
    test: /not a GZIP stream/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "bytes after the end of its gzip data",
    hint: trailingHint,
  },
  {
    test: /maximum_object_size.* exceeded/s,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "a line longer than 16 MiB",
    hint: "Keep long texts and images in files of their own, and write their paths into the table.",
  },
  {
    test: /JSON transform error.* has duplicate key/s,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "an object with the same key twice",
    hint: "Write each key once in an object.",
  },
  {
    test: /byte order mark/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "a byte order mark before the first line",
    hint: "Write the file as UTF-8 without it: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE",
  },
  {
    test: /Malformed JSON.*unexpected end of data/s,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "a line that is only the beginning of a JSON value",
    hint: "Write each object on one line: jq -c . OLD > NEW.jsonl does it for objects over several lines, jq -c '.[]' for one large array.",
  },
  {
    test: /Malformed JSON|JSON transform error|Invalid Input Error: .*JSON/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "a line that is not JSON",
    hint: "Correct that line: each line is one JSON object.",
  },
  {
    test: /magic bytes|too small to be a Parquet|parquet|TProtocol|thrift|decompression failure|Snappy|ZSTD|corrupt|truncat|Don't know what type|read beyond end|could not read (all )?bytes|Failed to read/i,
    code: "splits/master-unreadable",
    verb: "read",
    reason: "a truncated or damaged Parquet file",
    hint: "Restore the file, or write it again.",
    next: [nextStep("data.status", {}, "shows what brings it back")],
  },
];

function placeOf(message: string): ErrorDetails {
  const file =
    /(?:file|File|in file|name|pattern) ?[:=]? ?["']([^"']+)["']/.exec(message)?.[1] ??
    /^ ?file ?= ?(.+)$/m.exec(message)?.[1];
  const line = /(?:on Line:|in line|at line|Line:) ?(\d+)/i.exec(message)?.[1];
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line: Number(line) }) };
}

/** DuckDB's JSON reader reports the number of the line after the bad one. */
function withTrueLine(message: string): string {
  return message.replace(
    /(Malformed JSON in file .*?, at byte \d+ in line )(\d+)/s,
    (_, before: string, line: string) => `${before}${Math.max(1, Number(line) - 1)}`,
  );
}

/** Turns a failure of DuckDB into an AppError with place, reason and next step; an unknown one passes through unchanged. */
export function duckError(error: unknown, files: readonly string[] = []): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const message = withTrueLine(error.message);
  // A fault in our own SQL; what it quotes may contain any word.
  if (/^(Binder|Parser|Catalog) Error/.test(message)) return error;
  if (/^(INTERRUPT|Interrupt)|Interrupted!/i.test(message)) return cancelled();
  const known = patterns.find((pattern) => pattern.test.test(message));
  if (known === undefined) return error;
  const place = placeOf(message);
  // Only a failure to read can be caused by the table; a full disk has nothing to do with it.
  const table = known.code === "splits/master-unreadable" && files.length === 1 ? files[0] : undefined;
  const file = place.file ?? table;
  const where = `${file ?? "the table"}${place.line === undefined ? "" : `, line ${place.line}`}`;
  return new AppError({
    code: known.code,
    message: `Can't ${known.verb ?? "read or write"} ${where}: ${known.reason}. ${firstLines(message)}`,
    hint: known.hint,
    next: known.next,
    details: { ...place, ...(file === undefined ? {} : { file }) },
    cause: error,
  });
}

/** What happened, without DuckDB's advice about settings that the user can't change here. */
function firstLines(message: string): string {
  const [firstPart = ""] = message.split(
    /\s*(?:Possible (?:solutions|fixes)|Try (?:increasing|setting|auto-detecting))/i,
  );
  return firstPart.split("\n").slice(0, 3).join(" ").slice(0, 400);
}
