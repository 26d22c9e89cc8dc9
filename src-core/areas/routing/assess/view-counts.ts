import { count, type Duck } from "../../../foundation/duck/open.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import { describeTable } from "../../../foundation/duck/table.ts";
import { fieldExpression } from "../../../foundation/duck/table-columns.ts";

/** Rows of the segments of one pooled view, by the segment's value as a string. */
export interface SegmentCounts {
  readonly train: ReadonlyMap<string, number>;
  readonly reference: ReadonlyMap<string, number>;
}

/** @param files absolute Parquet files of a pooled view */
export async function countSegments(
  duck: Duck,
  files: { readonly train: string; readonly reference: string },
  column: string | null,
): Promise<SegmentCounts> {
  const countIn = async (file: string): Promise<ReadonlyMap<string, number>> => {
    if (column === null) return new Map();
    const { columns } = await describeTable(duck, [file]);
    const sql = fieldExpression(columns.some((it) => it.name === column) ? [column] : column.split("."));
    const rows = await duck.rows(
      `SELECT CAST(${sql} AS VARCHAR) AS segment, count(*) AS n FROM ${parquetSql(file)} WHERE ${sql} IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    return new Map(rows.map((row) => [String(row.segment), count(row.n)]));
  };
  return { train: await countIn(files.train), reference: await countIn(files.reference) };
}
