import { AppError } from "../../contract/errors.ts";
import type { CsvHeader } from "./csv-header.ts";
import { readCsvHeader } from "./csv-header.ts";
import { firstBytes, refuseNoParquet, refuseOtherFormat } from "./file-start.ts";
import { checkGzip } from "./gzip.ts";
import { jsonColumns } from "./json-columns.ts";
import type { Duck } from "./open.ts";
import { parquetTable } from "./parquet-columns.ts";
import { csvSql, jsonLinesSql } from "./read-sql.ts";
import { columnsOf, type TableColumn, type TableRemark } from "./table-columns.ts";

/** A table on disk, with everything that reading it depends on. `readTableSql` turns it into SQL. */
export type TableSource =
  | { readonly kind: "parquet"; readonly sql: string }
  | { readonly kind: "csv"; readonly files: readonly string[]; readonly header: CsvHeader }
  | { readonly kind: "jsonl"; readonly files: readonly string[]; readonly columns: readonly TableColumn[] };

/** What follows FROM. Pure: the same source gives the same SQL. */
export function readTableSql(source: TableSource): string {
  if (source.kind === "parquet") return source.sql;
  return source.kind === "jsonl" ? jsonLinesSql(source.files, source.columns) : csvSql(source.files, source.header);
}

/** @throws splits/master-unreadable for an unknown extension */
export function tableKind(file: string): TableSource["kind"] {
  if (/\.(parquet|pq)$/i.test(file)) return "parquet";
  if (/\.(csv|tsv|txt)(\.gz)?$/i.test(file)) return "csv";
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(file)) return "jsonl";
  throw new AppError({
    code: "splits/master-unreadable",
    message: `${file} isn't a table that Signalbox reads (.parquet, .csv, .tsv, .txt, .jsonl, .ndjson; text also compressed, .gz).`,
    hint: "Convert it, or give the file the extension of its format.",
    details: { file },
  });
}

export interface DescribedTable {
  readonly source: TableSource;
  readonly columns: readonly TableColumn[];
  /** What was changed or skipped in reading, for the user. */
  readonly remarks: readonly TableRemark[];
}

/**
 * Describes the table on disk. No string is interpreted: types come from a contract. Where the file is doesn't matter.
 * @throws splits/master-unreadable
 */
export async function describeTable(duck: Duck, files: readonly string[]): Promise<DescribedTable> {
  const [first] = files;
  if (first === undefined) throw new Error("describeTable: no files");
  const kind = tableKind(first);
  for (const file of files) if (/\.gz$/i.test(file)) await checkGzip(file);
  if (kind === "parquet") {
    for (const file of files) refuseNoParquet(file);
    const { columns, sql, remarks } = await parquetTable(duck, files);
    return { source: { kind, sql }, columns, remarks };
  }
  if (kind === "jsonl") {
    if (!/\.gz$/i.test(first)) refuseOtherFormat(first, firstBytes(first, 4));
    const columns = await jsonColumns(duck, files);
    return { source: { kind, files, columns }, columns, remarks: [] };
  }
  const header = readCsvHeader(first);
  const source: TableSource = { kind, files, header };
  return { source, columns: await columnsOf(duck, readTableSql(source)), remarks: header.remarks };
}
