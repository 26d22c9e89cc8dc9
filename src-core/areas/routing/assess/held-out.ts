import { count, type Duck } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";

/** Held-out predictions of one family over a view's rows, each row predicted by a model that didn't see its fold. */
export interface HeldOut {
  /** Positions in the view's order; a time-aware split leaves the first block without predictions. */
  readonly rows: Float64Array;
  /** Regression: the target. Binary: 1 for the positive class. */
  readonly target: Float64Array;
  readonly prediction: Float64Array;
  /** Group of each row, if the split has one. */
  readonly groups: readonly string[] | undefined;
}

/**
 * Uses its own connection: views are read in parallel, and a connection's next query ends the result it is streaming.
 * @param files the folds' Parquet files, absolute
 */
export async function readHeldOut(duck: Duck, files: readonly string[], hasGroup: boolean): Promise<HeldOut> {
  const own = await duck.sibling();
  try {
    return await readRows(own, files, hasGroup);
  } finally {
    own.close();
  }
}

async function readRows(duck: Duck, files: readonly string[], hasGroup: boolean): Promise<HeldOut> {
  const columns: { rows: number[]; target: number[]; prediction: number[]; groups: string[] } = {
    rows: [],
    target: [],
    prediction: [],
    groups: [],
  };
  const group = hasGroup ? ', COALESCE("group", chr(30))' : "";
  const sql = `SELECT CAST(row AS DOUBLE), CAST(target AS DOUBLE), CAST(prediction AS DOUBLE)${group} FROM ${parquetSql(...files)} ORDER BY row`;
  for await (const chunk of duck.chunks(sql)) {
    for (const [row, target, prediction, name] of chunk.getRows()) {
      columns.rows.push(Number(row));
      columns.target.push(Number(target));
      columns.prediction.push(Number(prediction));
      if (hasGroup) columns.groups.push(String(name));
    }
  }
  return {
    rows: Float64Array.from(columns.rows),
    target: Float64Array.from(columns.target),
    prediction: Float64Array.from(columns.prediction),
    groups: hasGroup ? columns.groups : undefined,
  };
}

/**
 * Writes stage 1's held-out predictions in the trainer's format: one per row of the view (`rows` of them), in its order, null
 * if no model predicted it. Deterministic bytes.
 */
export async function writeStageOne(
  duck: Duck,
  it: { readonly files: readonly string[]; readonly rows: number; readonly to: string },
): Promise<void> {
  await duck.run(
    `COPY (SELECT CAST(p.prediction AS DOUBLE) AS prediction FROM range(${it.rows}) r(i) LEFT JOIN ${parquetSql(...it.files)} p ON p.row = r.i ORDER BY r.i) TO ${literal(it.to)} (FORMAT parquet)`,
  );
}

/**
 * Writes the rows on which an ensemble's weights are fitted: those of a segment held out by both its own models and the pooled ones,
 * with the target and each member's prediction (`p0`: pooled, `p1`: the segment's own).
 */
export async function writeMembers(
  duck: Duck,
  it: { readonly pooled: readonly string[]; readonly own: readonly string[]; readonly to: string },
): Promise<number> {
  const from = `FROM ${parquetSql(...it.own)} s JOIN ${parquetSql(...it.pooled)} c ON c.source_row = s.source_row`;
  const row = await duck.row(
    `COPY (SELECT CAST(s.target AS DOUBLE) AS target, CAST(c.prediction AS DOUBLE) AS p0, CAST(s.prediction AS DOUBLE) AS p1 ${from} ORDER BY s.row) TO ${literal(it.to)} (FORMAT parquet)`,
  );
  return count(row.Count);
}
