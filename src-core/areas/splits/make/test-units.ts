import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { sideColumns } from "../../../contract/configs/primary-key.ts";
import { groupOf, type SplitSchema } from "../../../contract/configs/split-schema.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { type BoundColumn, requireColumn } from "../contract/contract-columns.ts";
import { isTestSql, joinKeySql, keyTextSql, separator } from "../keys/membership.ts";
import type { Master } from "../master/master.ts";

/** What is assigned to a side as one unit: the columns, and how they restrict a relation to a side. */
export interface TestUnits {
  readonly columns: readonly string[];
  /** `SEMI JOIN …` keeps the rows of test units, `ANTI JOIN …` the others. */
  readonly semi: string;
  readonly anti: string;
  readonly warnings: readonly string[];
}

const table = "test_units";

/**
 * Computes the test units into a small table: the hash runs once per group, not once per row.
 * Null for `temporal`, where time alone decides.
 * @throws splits/invalid-key
 */
export async function assignTestUnits(
  duck: Duck,
  input: { readonly split: SplitSchema; readonly contract: DataContract; readonly master: Master },
): Promise<TestUnits | null> {
  const { split, contract, master } = input;
  if (split.strategy === "temporal") return null;
  const group = groupOf(split);
  const names = group.length > 0 ? group : sideColumns(contract);
  const columns = names.map((name) =>
    requireColumn(master.columns, name, group.length > 0 ? "The split's group" : "The key"),
  );
  const unitColumns = columns.map((column, index) => ({ ...column, sql: `__unit_${index}` }));
  const unitKey = joinKeySql(unitColumns.map(keyText));
  const list = columns.map(({ sql }, index) => `${sql} AS __unit_${index}`).join(", ");
  let units = `(SELECT ${list} FROM ${master.relation})`;
  if (group.length > 0) {
    // The few groups are read instead of all rows.
    await duck.run(`CREATE TEMP TABLE all_units AS SELECT DISTINCT ${list} FROM ${master.relation}`);
    units = "all_units";
  }
  if (await hasBadKeys(duck, unitColumns, units)) await refuseBadKeys(duck, columns, master.relation);

  const listed = split.strategy === "geographic" ? split.test_groups.map(String) : [];
  const isTest =
    split.strategy === "geographic"
      ? `${unitKey} IN (${listed.map(literal).join(", ")})`
      : isTestSql(split.salt, unitKey, split.test_basis_points);
  await duck.run(`CREATE TEMP TABLE ${table} AS SELECT * FROM ${units} WHERE ${isTest}`);

  const on = columns.map(({ sql }, index) => `${sql} = ${table}.__unit_${index}`).join(" AND ");
  return {
    columns: names,
    semi: `SEMI JOIN ${table} ON (${on})`,
    anti: `ANTI JOIN ${table} ON (${on})`,
    warnings: await unknownGroups(duck, listed, { key: unitKey, units }),
  };
}

function keyText(column: BoundColumn): string {
  const text = keyTextSql(column.contract.type, column.sql);
  if (text !== null) return text;
  throw new AppError({
    code: "splits/invalid-key",
    message: `The column ${column.name} is of type ${column.contract.type}, which can't decide the side of a row.`,
    hint: "Split by string, int, bool or timestamp columns: their text form is the same in every language.",
    details: { column: column.name, type: column.contract.type },
  });
}

/** Condition that a value contains the separator between key parts. */
function separatedSql({ sql, contract }: BoundColumn): string {
  return contract.type === "string" || contract.type === "file" ? `contains(${sql}, chr(31))` : "false";
}

async function hasBadKeys(duck: Duck, columns: readonly BoundColumn[], relation: string): Promise<boolean> {
  const bad = columns.map((column) => `${column.sql} IS NULL OR ${separatedSql(column)}`).join(" OR ");
  return count((await duck.row(`SELECT count(*) AS n FROM ${relation} WHERE ${bad}`)).n) > 0;
}

async function refuseBadKeys(duck: Duck, columns: readonly BoundColumn[], relation: string): Promise<void> {
  for (const column of columns) {
    const { name, sql } = column;
    const row = await duck.row(
      `SELECT count(*) FILTER (WHERE ${sql} IS NULL) AS nulls, count(*) FILTER (WHERE ${separatedSql(column)}) AS separated FROM ${relation}`,
    );
    const nulls = count(row.nulls);
    if (nulls === 0 && count(row.separated) === 0) continue;
    throw new AppError({
      code: "splits/invalid-key",
      message:
        nulls > 0
          ? `The column ${name}, which decides the side of a row, has ${nulls} nulls.`
          : `The column ${name} has ${count(row.separated)} values with the character U+001F, which separates key parts.`,
      hint: "Remove those rows with an `exclude` rule, or split by another column.",
      details: { column: name, nulls, separated: count(row.separated) },
    });
  }
}

async function unknownGroups(
  duck: Duck,
  listed: readonly string[],
  { key, units }: { readonly key: string; readonly units: string },
): Promise<readonly string[]> {
  if (listed.length === 0) return [];
  const rows = await duck.rows(
    `SELECT g FROM (SELECT unnest([${listed.map(literal).join(", ")}]) AS g) WHERE g NOT IN (SELECT DISTINCT ${key} FROM ${units}) ORDER BY g`,
  );
  return rows.map((row) => `The test group ${String(row.g).replaceAll(separator, " / ")} has no row in the table.`);
}
