import { counted } from "../../../../src-view/numbers.ts";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { digestedColumns, identifyingColumns, keyColumns } from "../../../contract/configs/primary-key.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { type BoundColumns, requireColumn } from "./contract-columns.ts";
import { keyForPeople } from "./contract-rules.ts";
import { exampleLimit, type Violation } from "./violation.ts";

/** What a contract must not say, whatever is in the table. */
export function checkTargetDeclaration(contract: DataContract, columns: BoundColumns["columns"]): readonly Violation[] {
  const { target } = contract;
  const found: Violation[] = [];
  const wrong = (rule: string) => found.push({ column: target, rule, count: 0, examples: [] });
  const column = columns.get(target);
  if (column === undefined && contract.columns[target] === undefined)
    wrong("the target is not a column of the contract");
  if (contract.columns[target] !== undefined && !contract.columns[target].non_nullable) {
    wrong("the target must be non_nullable");
  }
  if (identifyingColumns(contract).includes(target)) wrong("the target can't be part of the primary key");
  for (const name of identifyingColumns(contract)) {
    if (contract.columns[name] === undefined) {
      found.push({
        column: name,
        rule: "the primary key names a column that is not in the contract",
        count: 0,
        examples: [],
      });
    }
  }
  return found;
}

export async function checkKey(
  duck: Duck,
  input: {
    readonly contract: DataContract;
    readonly columns: BoundColumns["columns"];
    readonly relation: string;
    readonly rows: number;
  },
): Promise<readonly Violation[]> {
  const { contract, columns, relation, rows } = input;
  // A digest is made so that it has neither.
  if (digestedColumns(contract) !== null) return [];
  const names = keyColumns(contract);
  const key = names.map((name) => requireColumn(columns, name, "The primary key"));
  const name = names.join(", ");
  const nulls = await duck.row(
    `SELECT count(*) AS n FROM ${relation} WHERE ${key.map(({ sql }) => `${sql} IS NULL`).join(" OR ")}`,
  );
  const found: Violation[] = [];
  if (count(nulls.n) > 0)
    found.push({ column: name, rule: "the primary key has nulls", count: count(nulls.n), examples: [] });
  const [only] = key;
  if (only?.contract.type === "int" && key.length === 1 && (await isDense(duck, only.sql, relation, rows)))
    return found;

  const list = key.map(({ sql }) => sql).join(", ");
  const repeated = `SELECT ${list}, count(*) AS repeats FROM ${relation} GROUP BY ${list} HAVING count(*) > 1`;
  const total = await duck.row(`SELECT count(*) AS keys, coalesce(sum(repeats), 0)::BIGINT AS rows FROM (${repeated})`);
  if (count(total.keys) > 0) {
    const shown = keyForPeople(contract, columns);
    const examples = await duck.rows(
      `SELECT ${shown} AS key, count(*) AS repeats FROM ${relation} GROUP BY ${list}, key HAVING count(*) > 1 ORDER BY key LIMIT ${exampleLimit}`,
    );
    found.push({
      column: name,
      rule: "the primary key has duplicates",
      count: count(total.rows),
      examples: examples.map((row) => ({ key: String(row.key), value: counted(Number(row.repeats), "row") })),
    });
  }
  return found;
}

/** Checks an integer key for uniqueness with one bit per value: a quarter of the time of grouping, and almost no memory. */
async function isDense(duck: Duck, sql: string, relation: string, rows: number): Promise<boolean> {
  const range = await duck.row(`SELECT min(${sql})::VARCHAR AS low, max(${sql})::VARCHAR AS high FROM ${relation}`);
  if (range.low === null || range.high === null) return false;
  const low = BigInt(String(range.low));
  const high = BigInt(String(range.high));
  if (high - low >= 16n * BigInt(rows) || high - low >= 1_000_000_000n) return false;
  const bits = await duck.row(
    `SELECT bit_count(bitstring_agg((${sql})::BIGINT, ${low}::BIGINT, ${high}::BIGINT)) AS n FROM ${relation}`,
  );
  return count(bits.n) === rows;
}

/** A target with one value can't be learned. */
export async function checkTargetVaries(
  duck: Duck,
  target: string,
  sql: string,
  relation: string,
): Promise<readonly Violation[]> {
  const row = await duck.row(
    `SELECT count(*) AS n, (min(${sql}) = max(${sql})) AS constant, min(${sql})::VARCHAR AS value FROM ${relation}`,
  );
  if (row.constant !== true) return [];
  return [{ column: target, rule: `the target is constant (${String(row.value)})`, count: count(row.n), examples: [] }];
}
