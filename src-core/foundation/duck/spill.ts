import path from "node:path";
import type { Duck } from "./open.ts";
import { literal } from "./quote.ts";
import { parquetSql } from "./read-sql.ts";

/** Writes a relation to a private Parquet file, which takes little memory to scan many times. Returns the SQL to read it. */
export async function spill(duck: Duck, name: string, select: string): Promise<string> {
  const file = path.join(duck.tempDirectory, `${name}.parquet`);
  await duck.run(`COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`);
  return parquetSql(file);
}
