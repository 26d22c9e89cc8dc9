import { AppError } from "../../contract/errors.ts";
import type { CsvHeader } from "./csv-header.ts";
import { readCsvHeader } from "./csv-header.ts";
import type { Duck } from "./open.ts";
import { identifier, literal, literalList } from "./quote.ts";

export interface TableColumn {
  readonly name: string;
  /** DuckDB's type name: "BIGINT", "STRUCT(a INTEGER)". */
  readonly type: string;
}

/** A table on disk, with everything that reading it depends on. `readTableSql` turns it into SQL. */
export type TableSource =
  | { readonly kind: "parquet"; readonly files: readonly string[] }
  | {
      readonly kind: "csv";
      readonly files: readonly string[];
      readonly header: CsvHeader;
      /** `text` reads every field as a string; `sniffed` lets DuckDB read the whole file to find types. */
      readonly types: "text" | "sniffed";
    }
  | { readonly kind: "jsonl"; readonly files: readonly string[]; readonly columns?: readonly TableColumn[] };

/** What follows FROM. Pure: the same source gives the same SQL. */
export function readTableSql(source: TableSource): string {
  const files = literalList(source.files);
  if (source.kind === "parquet") return `read_parquet(${files})`;
  if (source.kind === "jsonl") {
    const columns = source.columns?.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(", ");
    const shape = columns === undefined ? "sample_size = -1, map_inference_threshold = -1" : `columns = {${columns}}`;
    return `read_json(${files}, format = 'newline_delimited', maximum_object_size = 134217728, ${shape})`;
  }
  const { delimiter, names } = source.header;
  const dialect = `header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', nullstr = '', null_padding = false, ignore_errors = false, strict_mode = true, max_line_size = 16777216`;
  if (source.types === "sniffed") {
    return `read_csv(${files}, ${dialect}, skip = 0, sample_size = -1, names = ${literalList(names)})`;
  }
  const columns = names.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  return `read_csv(${files}, auto_detect = false, ${dialect}, columns = {${columns}})`;
}

/** @throws splits/master-unreadable for an unknown extension */
export function tableKind(file: string): TableSource["kind"] {
  if (/\.(parquet|pq)$/i.test(file)) return "parquet";
  if (/\.(csv|tsv|txt)(\.gz)?$/i.test(file)) return "csv";
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(file)) return "jsonl";
  throw new AppError({
    code: "splits/master-unreadable",
    message: `${file} isn't a table that Signalbox reads (.parquet, .csv, .tsv, .jsonl).`,
    hint: "Convert it, or give the file the extension of its format.",
    details: { file },
  });
}

/**
 * Describes the table on disk. With `types: "text"` no string is interpreted (types come from a contract); with `sniffed`
 * DuckDB proposes types after reading all of it.
 * @throws splits/master-unreadable
 */
export async function describeTable(
  duck: Duck,
  files: readonly string[],
  types: "text" | "sniffed" = "text",
): Promise<{ readonly source: TableSource; readonly columns: readonly TableColumn[] }> {
  const [first] = files;
  if (first === undefined) throw new Error("describeTable: no files");
  const kind = tableKind(first);
  if (kind === "csv") {
    const source: TableSource = { kind, files, header: readCsvHeader(first), types };
    return { source, columns: await columnsOf(duck, source) };
  }
  const source: TableSource = { kind, files };
  const columns = await columnsOf(duck, source);
  if (kind === "jsonl" && columns.length === 1 && isNoObject(columns[0])) throw noObjects(first);
  if (kind === "parquet" || types === "sniffed") return { source, columns };
  // JSON strings that look like dates were read as dates; as strings they stay unchanged.
  const asTexts = columns.map(({ name, type }) => ({ name, type: /^(DATE|TIME|UUID)/.test(type) ? "VARCHAR" : type }));
  return { source: { kind: "jsonl", files, columns: asTexts }, columns: asTexts };
}

/** DuckDB returns lines that aren't objects as one column, `json`. */
function isNoObject(column: TableColumn | undefined): boolean {
  return column?.name === "json" && /^JSON$|\[\]$/.test(column.type);
}

function noObjects(file: string): AppError {
  return new AppError({
    code: "splits/master-unreadable",
    message: `${file}, line 1: its lines are not all JSON objects, so they have no columns.`,
    hint: "Write one object per line. For one large array: jq -c '.[]' OLD > NEW.jsonl",
    details: { file, line: 1 },
  });
}

async function columnsOf(duck: Duck, source: TableSource): Promise<readonly TableColumn[]> {
  const rows = await duck.rows(`DESCRIBE SELECT * FROM ${readTableSql(source)}`);
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
}

/** `SELECT` list item that reaches a struct's field by its path. */
export function fieldExpression(path: readonly string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) throw new Error("fieldExpression: empty path");
  return rest.reduce((inner, field) => `struct_extract(${inner}, ${literal(field)})`, identifier(first));
}
