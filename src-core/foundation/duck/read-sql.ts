import type { CsvHeader } from "./csv-header.ts";
import { literal, literalList } from "./quote.ts";
import type { TableColumn } from "./table-columns.ts";

/** What follows FROM to read files. No other file calls DuckDB's readers, so that none is called without `asWritten`. */

/** By default DuckDB makes columns of folders named `key=value` above a file, and they replace the file's own columns. */
const asWritten = "hive_partitioning = false";

/** Longest line of text, in bytes: the readers keep a few of that length in memory for each thread. */
const longestLine = 16_777_216;

/** DuckDB itself knows a compressed file only by `.gz` in small letters. */
function compression(files: readonly string[]): string {
  return files.every((file) => /\.gz$/i.test(file)) ? ", compression = 'gzip'" : "";
}

export function parquetSql(...files: readonly string[]): string {
  return `read_parquet(${literalList(files)}, ${asWritten})`;
}

/** Name, type and number of children of each node of the files' schemas. */
export function parquetSchemaSql(files: readonly string[]): string {
  return `parquet_schema(${literalList(files)})`;
}

/** Where a file has each column's values. */
export function parquetMetadataSql(file: string): string {
  return `parquet_metadata(${literal(file)})`;
}

export function jsonLinesSql(files: readonly string[], columns: readonly TableColumn[]): string {
  const shape = columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(", ");
  return `read_json(${literalList(files)}, format = 'newline_delimited', maximum_object_size = ${longestLine}${compression(files)}, ${asWritten}, columns = {${shape}})`;
}

/** With the columns and types that DuckDB finds in all lines. */
export function sniffedJsonSql(files: readonly string[]): string {
  return `read_json(${literalList(files)}, format = 'newline_delimited', maximum_object_size = ${longestLine}${compression(files)}, ${asWritten}, sample_size = -1, map_inference_threshold = -1)`;
}

/** Each line as it is written, in one column `json`. */
export function jsonTextsSql(files: readonly string[]): string {
  return `read_ndjson_objects(${literalList(files)}, maximum_object_size = ${longestLine}${compression(files)}, ${asWritten})`;
}

/** Every field as a string. */
export function csvSql(files: readonly string[], { delimiter, names, skippedLines }: CsvHeader): string {
  const columns = names.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  const dialect = `delim = ${literal(delimiter)}, quote = '"', escape = '"', nullstr = '', null_padding = false, ignore_errors = false, strict_mode = true, max_line_size = ${longestLine}`;
  return `read_csv(${literalList(files)}, auto_detect = false, header = true, skip = ${skippedLines}, ${dialect}${compression(files)}, ${asWritten}, columns = {${columns}})`;
}
