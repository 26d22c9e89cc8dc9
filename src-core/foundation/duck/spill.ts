import path from "node:path";
import { count, type Duck } from "./open.ts";
import { literal } from "./quote.ts";
import { parquetSql } from "./read-sql.ts";

/** Columns from which a relation counts as wide, and cells up to which a wide one is held in memory (some 64 MB). */
const wideColumns = 100;
const heldCells = 2_000_000;

/** Writes a relation to a private Parquet file, which takes little memory to scan many times. Returns the SQL to read it. */
export async function spill(duck: Duck, name: string, select: string): Promise<string> {
  const file = path.join(duck.tempDirectory, `${name}.parquet`);
  await duck.run(`COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`);
  return parquetSql(file);
}

/**
 * Names a relation that many questions are asked of. A wide but small one becomes a table in memory: of a Parquet file, and of a view, DuckDB
 * looks at every column for a question about one.
 */
export async function nameRelation(duck: Duck, name: string, relation: string): Promise<void> {
  const columns = (await duck.rows(`DESCRIBE FROM ${relation}`)).length;
  const isWide = columns >= wideColumns;
  const rows = isWide ? count((await duck.row(`SELECT count(*) AS n FROM ${relation}`)).n) : 0;
  const kind = isWide && rows * columns <= heldCells ? "TABLE" : "VIEW";
  await duck.run(`CREATE ${kind} ${name} AS FROM ${relation}`);
}
