import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { isMissingTextSql } from "../../../foundation/duck/missing-texts.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import type { TableRemark } from "../../../foundation/duck/table-columns.ts";
import { hasOffsetSql } from "../../../foundation/duck/time-texts.ts";

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
  return remarks;
}

async function offsetRemark(duck: Duck, relation: string, name: string): Promise<readonly TableRemark[]> {
  const text = `trim(${identifier(name)}::VARCHAR)`;
  const { n } = await duck.row(`SELECT count(*) FILTER (${hasOffsetSql(text)}) AS n FROM ${relation}`);
  if (count(n) === 0) return [];
  return [
    { what: `${name} is converted to UTC`, why: "its times have offsets; parts such as the hour are those of UTC" },
  ];
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
