import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { fileError } from "../files/durable.ts";
import { count, type Duck, type DuckRow } from "./open.ts";
import { parquetMetadataSql, parquetSql } from "./read-sql.ts";
import { fieldExpression } from "./table-columns.ts";

/** A column, or a field of one, with times in nanoseconds with a time zone. */
export interface ZonedTimes {
  /** As DuckDB names them: the column, then fields. */
  readonly path: readonly string[];
  /** As the file names them. */
  readonly written: readonly string[];
}

/**
 * Counts the values finer than a microsecond of each of these; null where that can't be found out. DuckDB cuts them, and has
 * nanoseconds only without a zone. So it reads a copy, of these columns alone, whose schema says that the times have none.
 */
export async function finerThanMicroseconds(
  duck: Duck,
  files: readonly string[],
  times: readonly ZonedTimes[],
): Promise<readonly (number | null)[]> {
  if (times.length === 0) return [];
  const written = new Set(times.map((it) => it.written.join(", ")));
  const rows: (number | null)[] = times.map(() => 0);
  const counts = times.map((it, index) => {
    const sql = fieldExpression(it.path);
    return `count(*) FILTER (epoch_ns(${sql}) % 1000 <> 0) AS n${index}, coalesce(any_value(typeof(${sql})), 'none') AS t${index}`;
  });
  for (const file of files) {
    const row = await rowOfCopy(duck, file, { columns: written, counts });
    for (const [index, sum] of rows.entries()) {
      const isRead = row[`t${index}`] === "TIMESTAMP_NS" || row[`t${index}`] === "none";
      rows[index] = sum === null || !isRead ? null : sum + count(row[`n${index}`]);
    }
  }
  return rows;
}

async function rowOfCopy(
  duck: Duck,
  file: string,
  it: { readonly columns: ReadonlySet<string>; readonly counts: readonly string[] },
): Promise<DuckRow> {
  // DuckDB may keep what it read of a file by its name.
  const copy = path.join(duck.tempDirectory, `without-zones-${randomUUID()}.parquet`);
  try {
    await copyWithoutZones(file, copy, await rangesOf(duck, file, it.columns));
    return await duck.row(`SELECT ${it.counts.join(", ")} FROM ${parquetSql(copy)}`);
  } finally {
    rmSync(copy, { force: true });
  }
}

interface Range {
  readonly from: number;
  readonly bytes: number;
}

/** Where the file has the columns' values. */
async function rangesOf(duck: Duck, file: string, columns: ReadonlySet<string>): Promise<readonly Range[]> {
  const chunks = await duck.rows(
    `SELECT path_in_schema, least(data_page_offset, coalesce(dictionary_page_offset, data_page_offset)) AS begins, total_compressed_size AS bytes FROM ${parquetMetadataSql(file)}`,
  );
  return chunks
    .filter((row) => columns.has(String(row.path_in_schema)))
    .map((row) => ({ from: count(row.begins), bytes: count(row.bytes) }));
}

/** Magic number, and the length of the footer before it. */
const endBytes = 8;
/** Thrift's compact form of LogicalType.TIMESTAMP(isAdjustedToUTC: true, unit: NANOS), and the same with false. */
const zoned = Buffer.from([0x8c, 0x11, 0x1c, 0x3c, 0, 0, 0, 0]);
const unzoned = Buffer.from([0x8c, 0x12, 0x1c, 0x3c, 0, 0, 0, 0]);

/** Makes a file of the same size with these ranges and the changed footer; the rest is a hole. */
async function copyWithoutZones(file: string, to: string, ranges: readonly Range[]): Promise<void> {
  try {
    const source = await open(file, "r");
    try {
      const target = await open(to, "w");
      try {
        await copyParts(source, target, ranges);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    throw fileError(error, "read", file);
  }
}

async function copyParts(source: FileHandle, target: FileHandle, ranges: readonly Range[]): Promise<void> {
  const { size } = await source.stat();
  await target.truncate(size);
  await copyRange(source, target, { from: 0, bytes: 4 });
  for (const range of ranges) await copyRange(source, target, range);
  const end = await pieceOf(source, { from: size - endBytes, bytes: endBytes });
  const from = size - endBytes - end.readUInt32LE(0);
  const footer = await pieceOf(source, { from, bytes: size - from });
  for (let at = footer.indexOf(zoned); at >= 0; at = footer.indexOf(zoned, at)) unzoned.copy(footer, at);
  await target.write(footer, 0, footer.length, from);
}

const pieceBytes = 1 << 24;

async function copyRange(source: FileHandle, target: FileHandle, { from, bytes }: Range): Promise<void> {
  for (let done = 0; done < bytes; done += pieceBytes) {
    const piece = await pieceOf(source, { from: from + done, bytes: Math.min(pieceBytes, bytes - done) });
    await target.write(piece, 0, piece.length, from + done);
  }
}

async function pieceOf(source: FileHandle, { from, bytes }: Range): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(bytes);
  const { bytesRead } = await source.read(piece, 0, bytes, from);
  return piece.subarray(0, bytesRead);
}
