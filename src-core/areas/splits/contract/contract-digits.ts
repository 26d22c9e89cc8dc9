import { isRoundedSql, roundedRemark } from "../../../foundation/duck/exact-numbers.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import type { BoundColumns } from "./contract-columns.ts";
import { checkRules } from "./contract-rules.ts";

/** Says of each float column how many of its decimal numbers have more digits than a double keeps. They are read as the nearest double. */
export async function digitWarnings(
  duck: Duck,
  input: { readonly columns: BoundColumns["columns"]; readonly relation: string; readonly key: string },
): Promise<readonly string[]> {
  const rules = [...input.columns.values()].flatMap(({ name, sql, cast, contract }) => {
    if (contract.type !== "float" || cast.kind !== "cast") return [];
    const bad = isRoundedSql(`trim(${sql}::VARCHAR)`, `(${cast.sql})`);
    return [{ column: name, rule: "rounded", bad, value: sql }];
  });
  const found = await checkRules(duck, { rules, relation: input.relation, key: input.key });
  return found.map(({ column, count, examples: [first] }) => {
    const { what, why } = roundedRemark(column, {
      values: count,
      example: first === undefined ? "none" : `${first.key}: ${first.value}`,
    });
    return `${what}: ${why}`;
  });
}
