import type { ContractColumn, DataContract } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { type Cast, castTo, stringsOf, typeFamily } from "../../../foundation/duck/column-types.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { fieldExpression, type TableColumn } from "../../../foundation/duck/table.ts";
import type { Violation } from "./violation.ts";

/** A contract column found in the table. */
export interface BoundColumn {
  readonly name: string;
  /** Reads it, from the table and from every relation made of it. */
  readonly sql: string;
  /** False for a field inside a struct, whose type can't be cast. */
  readonly isTopLevel: boolean;
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
      wrong(name, "the column is missing");
      continue;
    }
    const cast = castTo(rules.type, type, sql, rules.missing);
    const isTopLevel = topLevel !== undefined;
    if (!isTopLevel && rules.missing !== undefined) {
      wrong(name, "`missing` applies to a column of the table, not to a field inside a struct");
      continue;
    }
    if (cast.kind === "mismatch" || (!isTopLevel && cast.kind === "cast" && !isSameFamily(rules.type, type))) {
      wrong(name, `the table holds ${type}, the contract says ${rules.type}`);
      continue;
    }
    bound.set(name, {
      name,
      sql,
      isTopLevel,
      strings: stringsOf(type, sql),
      cast: isTopLevel ? cast : { kind: "keep" },
      contract: rules,
    });
  }
  if (contract.strict_columns) {
    for (const { name } of input.columns) {
      if (!covered.has(name)) wrong(name, "the column is not in the contract (strict_columns)");
    }
  }
  const selection = input.columns.map(({ name }) => {
    const cast = bound.get(name)?.cast;
    return { name, sql: cast?.kind === "cast" ? cast.sql : identifier(name) };
  });
  return { columns: bound, selection, violations };
}

function isSameFamily(type: string, duckType: string): boolean {
  const family = typeFamily(duckType);
  return family === type || (type === "string" && family === "text") || (type === "float" && family !== "text");
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
