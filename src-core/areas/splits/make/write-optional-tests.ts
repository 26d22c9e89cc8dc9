import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type Duck, textOrNull } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import { requireColumn } from "../contract/contract-columns.ts";
import type { Master } from "../master/master.ts";
import type { SplitRequest } from "../split-request.ts";
import { planOptionalTests, type TestSideFacts } from "./optional-tests.ts";
import { copySide } from "./parquet-side.ts";
import { momentOfSql } from "./time-column.ts";

export interface WrittenTests {
  readonly files: readonly { readonly name: string; readonly file: string }[];
  readonly skipped: { name: string; reason: string }[];
}

/** The rows that optional tests are drawn from, and the file that holds exactly those, if there is one already. */
export interface TestSide {
  readonly select: string;
  readonly file: string | null;
}

/** Draws the optional tests from the test side; one without rows is skipped, with the reason. */
export async function writeOptionalTests(
  duck: Duck,
  input: {
    readonly request: SplitRequest;
    readonly master: Master;
    readonly keys: readonly string[];
    readonly side: TestSide;
  },
): Promise<WrittenTests> {
  const { request, master } = input;
  const declared = request.split.value.optional_tests;
  if (declared.length === 0) return { files: [], skipped: [] };
  const file = input.side.file ?? path.join(duck.tempDirectory, "test_side.parquet");
  if (input.side.file === null) {
    await duck.run(`COPY (${input.side.select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`);
  }
  const side = parquetSql(file);

  const columnOf = (column: string) => requireColumn(master.columns, column, "An optional test");
  const columnSql = (column: string) => columnOf(column).sql;
  const momentSql = (column: string) => momentOfSql(columnOf(column));
  const latest = new Map<string, string | null>();
  const slices = new Map<string, readonly (string | null)[]>();
  for (const test of declared) {
    if ("moving_period" in test) {
      const { column } = test.moving_period;
      const row = await duck.row(`SELECT max(${momentSql(column)})::VARCHAR AS latest FROM ${side}`);
      latest.set(column, row.latest === null ? null : `TIMESTAMP ${literal(String(row.latest))}`);
    } else if ("slice" in test) {
      const { column } = test.slice;
      const rows = await duck.rows(
        `SELECT DISTINCT (${columnSql(column)})::VARCHAR AS value FROM ${side} ORDER BY value NULLS LAST LIMIT 1000`,
      );
      slices.set(
        column,
        rows.map((row) => textOrNull(row.value)),
      );
    }
  }
  const facts: TestSideFacts = { columnSql, momentSql, latest, slices };
  const plan = planOptionalTests(declared, facts);

  const folder = path.join(request.folder, "optional_tests");
  mkdirSync(folder, { recursive: true });
  const files: { name: string; file: string }[] = [];
  const skipped = [...plan.skipped];
  for (const { name, where } of plan.tests) {
    const file = path.join(folder, `${name}.parquet`);
    const rows = await copySide(duck, { select: `SELECT * FROM ${side} WHERE ${where}`, orderBy: input.keys, file });
    if (rows > 0) files.push({ name, file });
    else {
      rmSync(file);
      skipped.push({ name, reason: "no row of the test side is in it" });
    }
  }
  if (files.length === 0) rmSync(folder, { recursive: true });
  return { files, skipped };
}
