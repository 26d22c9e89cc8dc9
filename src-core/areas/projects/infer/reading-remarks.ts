import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { batches } from "../../../foundation/duck/batches.ts";
import { isRoundedSql, roundedRemark } from "../../../foundation/duck/exact-numbers.ts";
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
  const of = (wanted: ColumnType) => columns.filter(({ type }) => type === wanted).map(({ name }) => name);
  const remarks = [...(await offsetRemarks(duck, relation, of("timestamp")))];
  for (const name of of("bool")) remarks.push(...(await spellingRemark(duck, relation, name)));
  return [...remarks, ...(await digitsRemarks(duck, relation, of("float")))];
}

async function offsetRemarks(duck: Duck, relation: string, names: readonly string[]): Promise<readonly TableRemark[]> {
  const found: string[] = [];
  for (const batch of batches(names, 40)) {
    const facts = batch.map((name, index) => {
      const text = `trim(${identifier(name)}::VARCHAR)`;
      return `coalesce(bool_or(${hasOffsetSql(text)}), false) AS has_${index}`;
    });
    const row = await duck.row(`SELECT ${facts.join(", ")} FROM ${relation}`);
    found.push(...batch.filter((_, index) => row[`has_${index}`] === true));
  }
  return found.map((name) => ({
    what: `${name} is converted to UTC`,
    why: "its times have offsets; parts such as the hour are those of UTC",
  }));
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
