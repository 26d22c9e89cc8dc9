import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { isRoundedSql, roundedRemark } from "../../../foundation/duck/exact-numbers.ts";
import { isMissingTextSql } from "../../../foundation/duck/missing-texts.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import type { TableRemark } from "../../../foundation/duck/table-columns.ts";
import { hasOffsetSql } from "../../../foundation/duck/time-texts.ts";
import { batches } from "./batches.ts";

/** What reading the strings of `relation` as times or truth values changes, so that a person isn't surprised by an hour or a class. */
export async function readingRemarks(
  duck: Duck,
  relation: string,
  columns: readonly { readonly name: string; readonly type: ColumnType | null }[],
): Promise<readonly TableRemark[]> {
  const remarks: TableRemark[] = [];
  for (const { name, type } of columns) {
    if (type === "timestamp") remarks.push(...(await offsetRemark(duck, relation, name)));
    if (type === "bool") remarks.push(...(await spellingRemark(duck, relation, name)));
  }
  const floats = columns.filter(({ type }) => type === "float").map(({ name }) => name);
  return [...remarks, ...(await digitsRemarks(duck, relation, floats))];
}

async function offsetRemark(duck: Duck, relation: string, name: string): Promise<readonly TableRemark[]> {
  const text = `trim(${identifier(name)}::VARCHAR)`;
  const { n } = await duck.row(`SELECT count(*) FILTER (${hasOffsetSql(text)}) AS n FROM ${relation}`);
  if (count(n) === 0) return [];
  return [
    { what: `${name} is converted to UTC`, why: "its times have offsets; parts such as the hour are those of UTC" },
  ];
}

/** Most tables have no such column, so many are asked for at once. */
async function digitsRemarks(duck: Duck, relation: string, names: readonly string[]): Promise<readonly TableRemark[]> {
  const remarks: TableRemark[] = [];
  for (const batch of batches(names, 40)) {
    const facts = batch.map((name, index) => {
      const text = `trim(${identifier(name)}::VARCHAR)`;
      const isRounded = isRoundedSql(text, `TRY_CAST(${text} AS DOUBLE)`);
      return `count(*) FILTER (${isRounded}) AS n_${index}, min(${text}) FILTER (${isRounded}) AS example_${index}`;
    });
    const row = await duck.row(`SELECT ${facts.join(", ")} FROM ${relation}`);
    for (const [index, name] of batch.entries()) {
      const values = count(row[`n_${index}`]);
      if (values > 0) remarks.push(roundedRemark(name, { values, example: `\`${String(row[`example_${index}`])}\`` }));
    }
  }
  return remarks;
}

async function spellingRemark(duck: Duck, relation: string, name: string): Promise<readonly TableRemark[]> {
  const text = `trim(${identifier(name)}::VARCHAR)`;
  const found = await duck.rows(
    `SELECT DISTINCT ${text} AS text FROM ${relation} WHERE ${identifier(name)} IS NOT NULL
     AND NOT ${isMissingTextSql(text)} ORDER BY 1`,
  );
  if (found.length <= 2) return [];
  const shown = found.slice(0, 6).map((row) => `\`${String(row.text)}\``);
  return [{ what: `${name} has two values`, why: `${shown.join(", ")} are spellings of yes and no` }];
}
