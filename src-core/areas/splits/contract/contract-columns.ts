import type { ContractColumn, DataContract } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { type Cast, castTo, stringsOf } from "../../../foundation/duck/column-types.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { fieldExpression, type TableColumn, unfitReason } from "../../../foundation/duck/table-columns.ts";
import type { Violation } from "./violation.ts";

/** A contract column found in the table. */
export interface BoundColumn {
  readonly name: string;
  /** Reads it, from the table and from every relation made of it. */
  readonly sql: string;
  /** Its name, or those of the struct and the fields that lead to it. */
  readonly path: readonly string[];
  /** SQL of its strings; null if the table holds none. */
  readonly strings: string | null;
  readonly cast: Cast;
  readonly contract: ContractColumn;
}

export interface BoundColumns {
  readonly columns: ReadonlyMap<string, BoundColumn>;
  /** Top-level columns in the table's order, each with the SQL that converts it to the contract's type. */
  readonly selection: readonly { readonly name: string; readonly sql: string }[];
  readonly violations: readonly Violation[];
  /** Columns of the table that aren't read, with the reasons. */
  readonly warnings: readonly string[];
}

/** Finds every contract column in the table; reports what is missing, unexpected or of the wrong type. */
export async function bindColumns(
  duck: Duck,
  input: {
    readonly contract: DataContract;
    readonly columns: readonly TableColumn[];
    readonly relation: string;
    readonly rows: number;
  },
): Promise<BoundColumns> {
  const { contract, rows } = input;
  const byName = new Map(input.columns.map((column) => [column.name, column]));
  const bound = new Map<string, BoundColumn>();
  const covered = new Set<string>();
  const violations: Violation[] = [];
  const wrong = (column: string, rule: string) => violations.push({ column, rule, count: rows, examples: [] });

  for (const [name, rules] of Object.entries(contract.columns)) {
    const topLevel = byName.get(name);
    const path = topLevel === undefined ? name.split(".") : [name];
    const root = path[0] ?? name;
    const sql = fieldExpression(path);
    const type = topLevel?.type ?? (byName.has(root) ? await fieldType(duck, sql, input.relation) : null);
    if (byName.has(root)) covered.add(root);
    if (type === null) {
      const other = input.columns.find((it) => it.name.toLowerCase() === name.toLowerCase());
      if (other === undefined) wrong(name, "the column is missing");
      else {
        covered.add(other.name);
        wrong(name, `the column is missing; the table has ${other.name}, which differs in case`);
      }
      continue;
    }
    const { unfit } = byName.get(root) ?? {};
    if (unfit !== undefined) {
      const examples = [unfit.first ?? []].flat().map(({ name: key, row, value }) => ({ key, value, row }));
      violations.push({ column: name, rule: unfitReason(unfit), count: unfit.rows, examples });
      continue;
    }
    if (path.length > 1 && rules.missing !== undefined) {
      wrong(name, "`missing` applies to a column of the table, not to a field inside a struct");
      continue;
    }
    const cast = castTo(rules.type, type, sql, rules.missing);
    if (cast.kind === "mismatch") {
      wrong(name, `the table holds ${type}, the contract says ${rules.type}`);
      continue;
    }
    bound.set(name, { name, sql, path, strings: stringsOf(type, sql), cast, contract: rules });
  }
  if (contract.strict_columns) {
    for (const { name } of input.columns) {
      if (!covered.has(name)) wrong(name, "the column is not in the contract (strict_columns)");
    }
  }
  const warnings = input.columns.flatMap(({ name, unfit }) =>
    unfit ? [`${name} isn't read: ${unfitReason(unfit)}`] : [],
  );
  const selection = input.columns.flatMap(({ name, unfit }) => {
    if (unfit !== undefined) return [];
    const own = [...bound.values()].filter(({ path }) => path[0] === name);
    return [{ name, sql: castSql([name], own) }];
  });
  return { columns: bound, selection, violations, warnings };
}

/** What is at this path, with the casts of these columns, which are there or below. A struct without a value stays without one. */
function castSql(at: readonly string[], columns: readonly Pick<BoundColumn, "path" | "cast">[]): string {
  const sql = fieldExpression(at);
  const changed = columns.filter(({ cast }) => cast.kind === "cast");
  const own = changed.find(({ path }) => path.length === at.length)?.cast;
  if (own?.kind === "cast") return own.sql;
  const below = Map.groupBy(changed, ({ path }) => path[at.length] ?? "");
  if (below.size === 0) return sql;
  const fields = [...below].map(([field, inner]) => `${identifier(field)} := ${castSql([...at, field], inner)}`);
  return `CASE WHEN ${sql} IS NOT NULL THEN struct_update(${sql}, ${fields.join(", ")}) END`;
}

async function fieldType(duck: Duck, sql: string, relation: string): Promise<string | null> {
  try {
    const row = await duck.row(`DESCRIBE SELECT ${sql} AS field FROM ${relation}`);
    return String(row.column_type);
  } catch (error) {
    // A missing field is a finding; anything with a code is another failure.
    if (error instanceof AppError) throw error;
    return null;
  }
}

/** @throws configs/inconsistent if a configuration names a column that the contract doesn't have */
export function requireColumn(columns: BoundColumns["columns"], name: string, role: string): BoundColumn {
  const found = columns.get(name);
  if (found !== undefined) return found;
  throw new AppError({
    code: "configs/inconsistent",
    message: `${role} names the column ${name}, which the data contract doesn't have.`,
    hint: `Name one of: ${[...columns.keys()].slice(0, 20).join(", ")}.`,
    details: { column: name, role },
  });
}
