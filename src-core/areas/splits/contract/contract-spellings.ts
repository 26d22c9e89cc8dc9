import { batches } from "../../../foundation/duck/batches.ts";
import { isPlainNumberSql, type Spelled, spelledTwiceSql } from "../../../foundation/duck/number-texts.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import type { BoundColumns } from "./contract-columns.ts";
import { exampleLimit, type Violation } from "./violation.ts";

/**
 * Values that the table's strings spell in more than one way, although each is one value of the contract's type: different codes would
 * become the same key, group or number. `codes` names the columns in which every spelling counts; elsewhere `1.5` and `1.50` are one
 * amount, `1E5` and `100000` aren't.
 */
export async function checkSpellings(
  duck: Duck,
  input: {
    readonly columns: BoundColumns["columns"];
    readonly codes: readonly string[];
    readonly relation: string;
    readonly key: string;
  },
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { type, ...spelled } of await suspects(duck, input)) {
    const { column, value, name } = spelled;
    const twice = spelledTwiceSql(spelled, input.relation);
    const found = await duck.row(
      `SELECT coalesce(sum(rows), 0)::BIGINT AS rows, min_by(one, value) AS one, min_by(other, value) AS other FROM (${twice})`,
    );
    if (count(found.rows) === 0) continue;
    const examples = await duck.rows(
      `SELECT ${input.key} AS key, ${column} AS value FROM ${input.relation}
       WHERE ${value} IN (SELECT value FROM (${twice})) ORDER BY ${value}, value LIMIT ${exampleLimit}`,
    );
    violations.push({
      column: name,
      rule: `one ${type} is written in two ways (${String(found.one)}, ${String(found.other)})`,
      count: count(found.rows),
      examples: examples.map((row) => ({ key: String(row.key), value: String(row.value) })),
    });
  }
  return violations;
}

type Suspect = Spelled & { readonly name: string; readonly type: string };

/** Columns that may have such values: names of something, and those with a string that isn't a plain decimal. */
async function suspects(
  duck: Duck,
  input: { readonly columns: BoundColumns["columns"]; readonly codes: readonly string[]; readonly relation: string },
): Promise<readonly Suspect[]> {
  const read = [...input.columns.values()].flatMap(({ name, strings, cast, contract: { type } }): Suspect[] => {
    const isCode = input.codes.includes(name);
    const isNumber = type === "int" || type === "float";
    const isMerged = isNumber || (type === "bool" && isCode);
    return strings !== null && isMerged && cast.kind === "cast"
      ? [{ name, column: strings, value: cast.sql, isCode, type }]
      : [];
  });
  const odd = new Set<Suspect>();
  // Planning time grows faster than the number of expressions.
  for (const numbers of batches(
    read.filter(({ isCode }) => !isCode),
    100,
  )) {
    const facts = numbers.map(
      ({ column, value }, index) =>
        `count(*) FILTER (WHERE NOT ${isPlainNumberSql(`trim(${column})`)} AND (${value}) IS NOT NULL) AS n${index}`,
    );
    const row = await duck.row(`SELECT ${facts.join(", ")} FROM ${input.relation}`);
    for (const [index, one] of numbers.entries()) if (count(row[`n${index}`]) > 0) odd.add(one);
  }
  return read.filter((one) => one.isCode || odd.has(one));
}
