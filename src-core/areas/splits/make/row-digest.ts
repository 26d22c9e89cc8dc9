import { createHash } from "node:crypto";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import { typeFamily } from "../../../foundation/duck/type-family.ts";

/**
 * A digest of a Parquet file's rows, in their order, that depends on the values alone: the same for any writer, version of
 * DuckDB, compression or row-group size. It is the sha256 of these UTF-8 lines, each ended by \n:
 *
 *     signalbox-rows/1
 *     rows <n>
 *     <name as a JSON string> <kind> <sha256 of cells> <sha256 of long cells, or -> <sha256 of nulls, or ->     (per column)
 *
 * Cells follow each other in row order, numbers little-endian:
 * - `int`: 8 bytes, two's complement; `bool`: the same with 0 and 1; `timestamp`: the same with microseconds since 1970 UTC;
 * - `float`: 8 bytes, IEEE 754, every NaN as 0x7ff8000000000000;
 * - `text`: 16 bytes: the length in bytes as 4 bytes, then the UTF-8 bytes padded with zeros. A text longer than 12 bytes
 *   is 16 zero bytes here, and its long cell is 4 bytes 0c000000 and the first 12 bytes of its md5; the long cell of a
 *   shorter one is 16 zero bytes. A column without a longer text has no long cells (`-`);
 * - anything else is a `text`: DuckDB's JSON for structs and lists, its VARCHAR for the rest.
 * A null is a cell of zeros, and nulls has one byte a row, 1 for a null; a column without nulls has none (`-`).
 */
export async function rowDigest(duck: Duck, file: string): Promise<{ readonly digest: string; readonly rows: number }> {
  const from = parquetSql(file);
  const columns = (await duck.rows(`DESCRIBE SELECT * FROM ${from}`)).map((row) =>
    planOf(String(row.column_name), String(row.column_type)),
  );
  // Counts come from the file's statistics. Whether a column has long strings is guessed from the first rows and verified while hashing.
  const counts = await duck.row(`SELECT count(*) AS rows, ${columns.map(countSql).join(", ")} FROM ${from}`);
  const probe = await duck.row(`SELECT ${columns.map(longestSql).join(", ")} FROM (SELECT * FROM ${from} LIMIT 2048)`);
  const rows = count(counts.rows);
  const hasNulls = columns.map((_, index) => count(counts[`n${index}`]) < rows);
  const hasLong = columns.map((_, index) => Number(probe[`l${index}`] ?? 0) > inlineBytes);
  for (;;) {
    const streams = columns.flatMap((column, index) =>
      streamsOf(column, { index, hasNulls: hasNulls[index] === true, hasLong: hasLong[index] === true }),
    );
    const select = `SELECT ${streams.map(({ sql }) => sql).join(", ")} FROM ${from}`;
    const hashed = await hashStreams(duck.chunks(select), streams);
    if (typeof hashed !== "number") return { digest: digestOf(columns, hashed, rows), rows };
    hasLong[hashed] = true;
  }
}

/** Digest of each stream by its name, or the index of a column that turned out to hold a string longer than a cell. */
async function hashStreams(
  chunks: AsyncIterable<DuckDBDataChunk>,
  streams: readonly Stream[],
): Promise<ReadonlyMap<string, string> | number> {
  const hashes = streams.map(() => createHash("sha256"));
  for await (const chunk of chunks) {
    for (const [index, stream] of streams.entries()) {
      const memory = columnMemory(chunk, index, stream.cellBytes);
      if (stream.cellBytes === 16 && hasLongCell(memory)) return stream.column;
      hashes[index]?.update(memory);
    }
  }
  return new Map(streams.map(({ name }, index) => [name, hashes[index]?.digest("hex") ?? ""]));
}

function digestOf(columns: readonly ColumnPlan[], digests: ReadonlyMap<string, string>, rows: number): string {
  const of = (index: number, part: StreamPart) => digests.get(`${index}.${part}`) ?? "-";
  const lines = columns.map(
    ({ name, kind }, index) =>
      `${JSON.stringify(name)} ${kind} ${of(index, "cells")} ${of(index, "long")} ${of(index, "nulls")}\n`,
  );
  return createHash("sha256")
    .update(["signalbox-rows/1\n", `rows ${rows}\n`, ...lines].join(""))
    .digest("hex");
}

/** The longest string that DuckDB keeps inside its 16-byte cell. */
const inlineBytes = 12;

interface ColumnPlan {
  readonly name: string;
  readonly kind: "int" | "float" | "bool" | "timestamp" | "text";
  /** Null-preserving SQL whose values the cells hold. */
  readonly sql: string;
}

function planOf(name: string, type: string): ColumnPlan {
  const column = identifier(name);
  const family = typeFamily(type);
  if (family === "int" && !/HUGE|UBIG/.test(type)) return { name, kind: "int", sql: `${column}::BIGINT` };
  if (family === "bool") return { name, kind: "bool", sql: `${column}::INTEGER::BIGINT` };
  if (family === "timestamp" && type !== "TIMESTAMP_NS") {
    return { name, kind: "timestamp", sql: `epoch_us(${column}::TIMESTAMP)` };
  }
  if (family === "float") {
    const double = `${column}::DOUBLE`;
    return { name, kind: "float", sql: `CASE WHEN isnan(${double}) THEN 'nan'::DOUBLE ELSE ${double} END` };
  }
  const text = family === "struct" || family === "list" ? `to_json(${column})::VARCHAR` : `${column}::VARCHAR`;
  return { name, kind: "text", sql: type === "VARCHAR" ? column : text };
}

function countSql({ name }: ColumnPlan, index: number): string {
  return `count(${identifier(name)}) AS n${index}`;
}

function longestSql({ kind, sql }: ColumnPlan, index: number): string {
  return `${kind === "text" ? `max(strlen(${sql}))` : "0"} AS l${index}`;
}

type StreamPart = "cells" | "long" | "nulls";

interface Stream {
  /** Index of the column. */
  readonly column: number;
  readonly name: `${number}.${StreamPart}`;
  readonly sql: string;
  readonly cellBytes: 1 | 8 | 16;
}

function streamsOf(
  { kind, sql }: ColumnPlan,
  at: { readonly index: number; readonly hasNulls: boolean; readonly hasLong: boolean },
): readonly Stream[] {
  const { index: column, hasNulls, hasLong } = at;
  const nulls: readonly Stream[] = hasNulls
    ? [{ column, name: `${column}.nulls`, sql: `(${sql} IS NULL)::TINYINT`, cellBytes: 1 }]
    : [];
  if (kind !== "text") {
    const cells = hasNulls ? `coalesce(${sql}, 0)` : sql;
    return [{ column, name: `${column}.cells`, sql: cells, cellBytes: 8 }, ...nulls];
  }
  const value = hasNulls ? `coalesce(${sql}, '')` : sql;
  if (!hasLong) return [{ column, name: `${column}.cells`, sql: value, cellBytes: 16 }, ...nulls];
  const isShort = `strlen(${value}) <= ${inlineBytes}`;
  const short = `CASE WHEN ${isShort} THEN ${value} ELSE '' END`;
  const long = `CASE WHEN ${isShort} THEN ''::BLOB ELSE unhex(left(md5(${value}), ${2 * inlineBytes})) END`;
  return [
    { column, name: `${column}.cells`, sql: short, cellBytes: 16 },
    { column, name: `${column}.long`, sql: long, cellBytes: 16 },
    ...nulls,
  ];
}

/**
 * A column's memory, unchanged: DuckDB keeps numbers little-endian, and a string of up to 12 bytes inside its 16-byte cell,
 * padded with zeros. Reading value by value takes ten times as long.
 */
function columnMemory(chunk: DuckDBDataChunk, index: number, cellBytes: number): Uint8Array {
  const vector = chunk.getColumnVector(index);
  const memory: unknown = Reflect.get(vector, cellBytes === 16 ? "dataView" : "items");
  if (!ArrayBuffer.isView(memory) || memory.byteLength !== chunk.rowCount * cellBytes) {
    throw new Error(`The DuckDB binding's column memory isn't as expected (${vector.constructor.name}).`);
  }
  return new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
}

/** True if a string is outside its cell, which then holds a pointer. */
function hasLongCell(cells: Uint8Array): boolean {
  const words = new Uint32Array(cells.buffer, cells.byteOffset, cells.byteLength / 4);
  for (let word = 0; word < words.length; word += 4) if ((words[word] ?? 0) > inlineBytes) return true;
  return false;
}
