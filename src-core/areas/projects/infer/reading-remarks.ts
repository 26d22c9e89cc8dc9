import { counted } from "../../../../src-view/numbers.ts";
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
    if (type === "float") remarks.push(...(await digitsRemark(duck, relation, name)));
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

/** A double is told from its neighbours by at most 17 significant digits: what is behind them is dropped. */
async function digitsRemark(duck: Duck, relation: string, name: string): Promise<readonly TableRemark[]> {
  const text = `trim(${identifier(name)}::VARCHAR)`;
  const digits = `regexp_replace(split_part(lower(${text}), 'e', 1), '[^0-9]', '', 'g')`;
  const isLong = `length(${text}) > 18 AND length(trim(${digits}, '0')) > 17`;
  const { n, example } = await duck.row(
    `SELECT count(*) FILTER (${isLong}) AS n, min(${text}) FILTER (${isLong}) AS example FROM ${relation}`,
  );
  if (count(n) === 0) return [];
  const why = `${counted(count(n), "value")} with more than 17 significant digits (such as \`${String(example)}\`); a float holds no more`;
  return [{ what: `${name} is rounded`, why }];
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
