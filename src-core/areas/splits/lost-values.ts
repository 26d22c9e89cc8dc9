import type { DataContract } from "../../contract/configs/data-contract.ts";
import { type FeatureSchema, featureColumns } from "../../contract/configs/feature-schema.ts";
import type { Task } from "../../contract/configs/project-config.ts";
import { AppError } from "../../contract/errors.ts";
import { beyondDouble } from "../../foundation/duck/exact-numbers.ts";
import { count, type Duck } from "../../foundation/duck/open.ts";
import { parquetSql } from "../../foundation/duck/read-sql.ts";
import { keyForPeople } from "./contract/contract-rules.ts";

/** A column that a model computes with, and what its doubles don't hold. */
interface Computed {
  readonly column: string;
  /** The file that says so, and how. */
  readonly file: string;
  readonly use: string;
  /** Condition that a value of it isn't held. */
  readonly isLost: (value: string) => string;
  readonly why: string;
}

/** A whole number would be rounded, or two codes merge. */
const whole = { isLost: beyondDouble, why: "beyond 2^53, where a model can't tell neighbours apart" };

/** The largest double is 1.8e308: the square of an error of such a value would be infinite. */
const squared = {
  isLost: (value: string) => `(abs(${value}) > 1e150 AND NOT isnan(${value}))`,
  why: "beyond 1e150, whose squares are infinite",
};

/** The features whose values a model might not be able to compute with. */
export function computedFeatures(
  contract: DataContract,
  { path, value }: { readonly path: string; readonly value: FeatureSchema },
): readonly Computed[] {
  return featureColumns(value)
    .filter((column) => contract.columns[column]?.type === "int")
    .map((column) => ({ column, file: path, use: `takes ${column} as a feature`, ...whole }));
}

/** The same of the target; none where its values only name classes. */
export function computedTarget({ target, columns }: DataContract, task: Task): readonly Computed[] {
  const type = columns[target]?.type;
  if (task !== "regression" || (type !== "int" && type !== "float")) return [];
  const limit = type === "int" ? whole : squared;
  return [{ column: target, file: "signalbox.yaml", use: `takes ${target} as the target of a regression`, ...limit }];
}

/** @throws splits/contract-violated with count and key for values that a model would compute with as others */
export async function refuseLostValues(
  duck: Duck,
  input: {
    readonly tables: readonly string[];
    readonly columns: readonly Computed[];
    readonly sqlOf: (column: string) => string;
    readonly contract: DataContract;
  },
): Promise<void> {
  const { columns, sqlOf, contract } = input;
  if (columns.length === 0) return;
  const relation = parquetSql(...input.tables);
  // Parquet's statistics answer this without the rows.
  const bounds = columns.map(({ column, isLost }, index) => {
    const sql = sqlOf(column);
    return `${isLost(`min(${sql})`)} OR ${isLost(`max(${sql})`)} AS lost_${index}`;
  });
  const row = await duck.row(`SELECT ${bounds.join(", ")} FROM ${relation}`);
  const found = columns.find((_, index) => row[`lost_${index}`] === true);
  if (found === undefined) return;
  const { column, file, use, isLost, why } = found;
  const value = sqlOf(column);
  const { n } = await duck.row(`SELECT count(*) FILTER (${isLost(value)}) AS n FROM ${relation}`);
  const named = new Map(Object.keys(contract.columns).map((name) => [name, { sql: sqlOf(name) }]));
  const examples = await duck.rows(
    `SELECT ${keyForPeople(contract, named)} AS key, (${value})::VARCHAR AS value FROM ${relation} WHERE ${isLost(value)} ORDER BY key LIMIT 3`,
  );
  const shown = examples.map((one) => `${String(one.key)}: ${String(one.value)}`).join("; ");
  const values = count(n) === 1 ? "one of its values is" : `${count(n)} of its values are`;
  throw new AppError({
    code: "splits/contract-violated",
    message: `${file} ${use}, but ${values} ${why} – ${shown}.`,
    hint:
      column === contract.target
        ? "Write the amounts in a larger unit in the table, or leave such rows out with an `exclude` rule."
        : "Leave it out of a new feature version, or write amounts in a larger unit in the table.",
    details: { file, column, count: count(n) },
  });
}
