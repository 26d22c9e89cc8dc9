import type { ContractColumn, DataContract } from "../../../contract/configs/data-contract.ts";
import { digestColumns, digestedColumns } from "../../../contract/configs/primary-key.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { spill } from "../../../foundation/duck/spill.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";
import { type BoundColumn, type BoundColumns, requireColumn } from "../contract/contract-columns.ts";
import type { Violation } from "../contract/violation.ts";
import { rowDigestSql } from "./digest-key.ts";

/** The rows with the columns of their key: of a digest, those that it adds; as they are otherwise. */
export interface KeyedRows {
  readonly relation: string;
  readonly columns: BoundColumns["columns"];
}

/** A table whose own columns have the names of those that a digest adds. */
export function checkDigestNames(contract: DataContract, columns: readonly TableColumn[]): readonly Violation[] {
  if (digestedColumns(contract) === null) return [];
  const reserved: readonly string[] = Object.values(digestColumns);
  return columns
    .filter(({ name }) => reserved.includes(name.toLowerCase()))
    .map(({ name }) => ({ column: name, rule: "the name is that of a column of the key", count: 0, examples: [] }));
}

/**
 * Adds the digest of each row and its number among the rows with the same digest, from 0: in the order of the target, then
 * of the whole row's text, so that the order of rows in the file doesn't matter.
 */
export async function addDigests(
  duck: Duck,
  input: { readonly contract: DataContract; readonly columns: BoundColumns["columns"]; readonly relation: string },
): Promise<KeyedRows> {
  const { contract, columns, relation } = input;
  const names = digestedColumns(contract);
  if (names === null) return { relation, columns };
  const digested = names.map((name) => requireColumn(columns, name, "The digest of the primary key"));
  const sql = rowDigestSql(digested.map((column) => ({ type: column.contract.type, sql: column.sql })));
  const [digest, copy] = [identifier(digestColumns.digest), identifier(digestColumns.copy)];
  const keyed = await spill(duck, "digested", `SELECT *, ${sql} AS ${digest} FROM ${relation}`);
  await duck.run(
    `CREATE TEMP TABLE repeated_digests AS SELECT ${digest} AS digest FROM ${keyed} GROUP BY 1 HAVING count(*) > 1`,
  );
  const on = `ON (${digest} = repeated_digests.digest)`;
  const repeated = count((await duck.row("SELECT count(*) AS n FROM repeated_digests")).n);
  const once = `SELECT *, 0::BIGINT AS ${copy} FROM ${keyed}`;
  const target = requireColumn(columns, contract.target, "The target").sql;
  const numbered = `SELECT *, row_number() OVER (PARTITION BY ${digest} ORDER BY ${target} NULLS LAST, kept_row::VARCHAR) - 1 AS ${copy}
    FROM (FROM ${keyed} SEMI JOIN repeated_digests ${on}) AS kept_row`;
  const all = repeated === 0 ? once : `${once} ANTI JOIN repeated_digests ${on} UNION ALL BY NAME (${numbered})`;
  await duck.run(`CREATE VIEW master_keyed AS FROM ${repeated === 0 ? `(${once})` : await spill(duck, "keyed", all)}`);
  return { relation: "master_keyed", columns: withDigest(columns) };
}

function withDigest(columns: BoundColumns["columns"]): BoundColumns["columns"] {
  const added = (name: string, type: ContractColumn["type"]): BoundColumn => ({
    name,
    sql: identifier(name),
    path: [name],
    strings: null,
    cast: { kind: "keep" },
    contract: { type, non_nullable: true, known: "before" },
  });
  const ofKey = [added(digestColumns.digest, "string"), added(digestColumns.copy, "int")];
  return new Map([...columns, ...ofKey.map((column) => [column.name, column] as const)]);
}
