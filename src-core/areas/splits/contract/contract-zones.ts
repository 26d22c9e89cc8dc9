import { counted } from "../../../../src-view/numbers.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { isOneOf } from "../../../foundation/duck/quote.ts";
import { hasZoneSql } from "../../../foundation/duck/time-texts.ts";
import type { BoundColumns } from "./contract-columns.ts";
import { exampleLimit, type Violation } from "./violation.ts";

/**
 * Times that the table's strings give partly with an offset and partly without one. Alone, those without are UTC; beside others they are
 * somebody's local time more often than not, and the table doesn't say whose. The rarer kind is counted.
 */
export async function checkZones(
  duck: Duck,
  input: { readonly columns: BoundColumns["columns"]; readonly relation: string; readonly key: string },
): Promise<readonly Violation[]> {
  const times = [...input.columns.values()].flatMap(({ name, strings, contract }) => {
    if (contract.type !== "timestamp" || strings === null) return [];
    const text = `trim(${strings})`;
    const isTime = `${strings} IS NOT NULL AND NOT ${isOneOf(text, ["", ...(contract.missing ?? [])])}`;
    return [
      { name, strings, zoned: `${isTime} AND ${hasZoneSql(text)}`, bare: `${isTime} AND NOT ${hasZoneSql(text)}` },
    ];
  });
  if (times.length === 0) return [];
  const counts = times.flatMap(({ zoned, bare }, index) => [
    `count(*) FILTER (${zoned}) AS zoned_${index}`,
    `count(*) FILTER (${bare}) AS bare_${index}`,
  ]);
  const found = await duck.row(`SELECT ${counts.join(", ")} FROM ${input.relation}`);
  const violations: Violation[] = [];
  for (const [index, { name, strings, ...conditions }] of times.entries()) {
    const [zoned, bare] = [count(found[`zoned_${index}`]), count(found[`bare_${index}`])];
    if (zoned === 0 || bare === 0) continue;
    const isRarer = zoned < bare ? conditions.zoned : conditions.bare;
    const examples = await duck.rows(
      `SELECT ${input.key} AS key, ${strings} AS value FROM ${input.relation} WHERE ${isRarer} ORDER BY value, key LIMIT ${exampleLimit}`,
    );
    violations.push({
      column: name,
      rule: `${counted(zoned, "time")} with an offset and ${bare} without one, whose zone isn't known`,
      count: Math.min(zoned, bare),
      examples: examples.map((row) => ({ key: String(row.key), value: String(row.value) })),
    });
  }
  return violations;
}
