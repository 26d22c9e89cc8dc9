import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { type Duck, openDuck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { jsonLinesSql } from "../../../foundation/duck/read-sql.ts";
import { describeTable, readTableSql } from "../../../foundation/duck/table.ts";
import { commitFile, fileError, temporaryPath, writeFileDurable } from "../../../foundation/files/durable.ts";
import { makeScratch } from "../../../foundation/files/scratch.ts";
import { candidateColumnNames, candidateColumns, requiredColumns, writtenRow } from "./candidate-columns.ts";
import { candidateCsv } from "./candidate-csv.ts";
import { candidatesDigest } from "./candidate-digest.ts";
import { sortedCandidates } from "./candidate-order.ts";
import { type CandidateRows, candidateRows, type RawCandidates } from "./candidate-rows.ts";

const fileNames = ["routing_candidates.parquet", "routing_candidates.csv"] as const;

export interface ReadOptions {
  /** See {@link RawCandidates}. */
  readonly taskOf?: RawCandidates["taskOf"];
}

export interface CandidateTable extends CandidateRows {
  readonly file: string;
  /** The digest that a plan made from it records: see `candidatesDigest`. */
  readonly digest: string;
}

/**
 * Reads the candidates in a folder (`metrics/routing`), from Parquet or CSV.
 * @throws routing/no-candidates, routing/two-candidate-files, routing/candidates-unreadable, files/*
 */
export async function findCandidates(folder: string, options: ReadOptions = {}): Promise<CandidateTable> {
  const files = fileNames.map((name) => path.join(folder, name)).filter((file) => existsSync(file));
  const [first, second] = await Promise.all(files.map((file) => readCandidates(file, options)));
  if (first === undefined) {
    throw new AppError({
      code: "routing/no-candidates",
      message: `There is no candidate table: ${folder} has neither ${fileNames.join(" nor ")}.`,
      next: [nextStep("routing.assess", {}, "measures the evidence")],
      details: { folder },
    });
  }
  if (second !== undefined && !areEqual(first, second)) {
    throw new AppError({
      code: "routing/two-candidate-files",
      message: `${first.file} and ${second.file} hold different rows (${first.candidates.length} and ${second.candidates.length} candidates).`,
      hint: "Delete the one that is out of date, or measure again.",
      next: [nextStep("routing.assess", {}, "measures again")],
      details: { files: [first.file, second.file] },
    });
  }
  return first;
}

function areEqual(a: CandidateTable, b: CandidateTable): boolean {
  const keys = ({ bad }: CandidateTable) => JSON.stringify(bad.map(({ key }) => key).sort());
  return a.digest === b.digest && keys(a) === keys(b);
}

/**
 * Reads one candidate table, with its rows in the order of `writeCandidates`.
 * @throws routing/candidates-unreadable, files/*
 */
export async function readCandidates(file: string, { taskOf }: ReadOptions = {}): Promise<CandidateTable> {
  const { rows, columns, isCsv } = await inDuck((duck) => rawTable(duck, file), file);
  const missing = requiredColumns.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new AppError({
      code: "routing/candidates-unreadable",
      message: `${file} doesn't have the column ${missing.map((column) => `\`${column}\``).join(" or ")}.`,
      hint: `A candidate table needs at least the columns ${requiredColumns.join(" and ")}; it has: ${columns.join(", ")}.`,
      details: { file, missing, columns },
    });
  }
  const read = candidateRows({ rows, columns, isCsv, taskOf });
  const candidates = sortedCandidates(read.candidates);
  return { ...read, candidates, file, digest: candidatesDigest(candidates) };
}

async function rawTable(
  duck: Duck,
  file: string,
): Promise<Required<Pick<RawCandidates, "rows" | "columns" | "isCsv">>> {
  const { source, columns: described } = await describeTable(duck, [file]);
  const columns = described.map(({ name }) => name);
  const known = candidateColumnNames.filter((column) => columns.includes(column));
  const isCsv = source.kind === "csv";
  if (known.length === 0) return { rows: [], columns, isCsv };
  const rows = await duck.rows(`SELECT ${known.map(identifier).join(", ")} FROM ${readTableSql(source)}`);
  return { rows, columns, isCsv };
}

/**
 * Writes a candidate table: the same candidates give the same bytes, whatever their order.
 * @throws files/*
 */
export async function writeCandidates(
  file: string,
  candidates: readonly Candidate[],
  format: "parquet" | "csv",
): Promise<void> {
  const sorted = sortedCandidates(candidates);
  if (format === "csv") writeFileDurable(file, candidateCsv(sorted));
  else await inDuck((duck) => writeParquet(duck, file, sorted), file);
}

/** Goes through JSON lines, which DuckDB reads back as the same numbers and strings. */
async function writeParquet(duck: Duck, file: string, candidates: readonly Candidate[]): Promise<void> {
  const lines = path.join(duck.tempDirectory, "candidates.jsonl");
  const temporary = temporaryPath(file);
  const columns = candidateColumnNames.map((name) => ({ name, type: candidateColumns[name] }));
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(lines, candidates.map((candidate) => `${JSON.stringify(writtenRow(candidate))}\n`).join(""));
    await duck.run(
      `COPY (SELECT ${candidateColumnNames.map(identifier).join(", ")} FROM ${jsonLinesSql([lines], columns)}) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION V2)`,
    );
    commitFile(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError(error, "write", file);
  }
}

/** One thread: rows keep their order, and the table is small. */
async function inDuck<T>(work: (duck: Duck) => Promise<T>, file: string): Promise<T> {
  const tempDirectory = makeScratch("signalbox-candidates-");
  const duck = await openDuck({ tempDirectory, threads: 1, files: [file] });
  try {
    return await work(duck);
  } catch (error) {
    throw unreadable(error, file);
  } finally {
    duck.close();
  }
}

/** DuckDB's failures are worded for a master table; this one is the candidate table. */
function unreadable(error: unknown, file: string): unknown {
  if (!(error instanceof AppError) || error.code !== "splits/master-unreadable") return error;
  return new AppError({
    code: "routing/candidates-unreadable",
    message: error.message,
    hint: "Write the table again, or correct it where the message says.",
    next: [nextStep("routing.assess", {}, "writes it again")],
    details: { ...error.details, file },
    cause: error,
  });
}
