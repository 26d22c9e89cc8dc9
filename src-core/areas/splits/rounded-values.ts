import type { DataContract } from "../../contract/configs/data-contract.ts";
import { type FeatureSchema, featureColumns } from "../../contract/configs/feature-schema.ts";
import type { Task } from "../../contract/configs/project-config.ts";
import { AppError } from "../../contract/errors.ts";
import { beyondDouble } from "../../foundation/duck/exact-numbers.ts";
import { count, type Duck } from "../../foundation/duck/open.ts";
import { parquetSql } from "../../foundation/duck/read-sql.ts";
import { keyForPeople } from "./contract/contract-rules.ts";

/** Columns of whole numbers that a model computes with, and the file that says so. */
interface WholeNumbers {
  readonly column: string;
  readonly file: string;
  readonly use: string;
}

export function wholeNumbers(
  contract: DataContract,
  it: { readonly path: string; readonly value: FeatureSchema; readonly task: Task },
): readonly WholeNumbers[] {
  const isInt = (column: string) => contract.columns[column]?.type === "int";
  const features = featureColumns(it.value)
    .filter(isInt)
    .map((column) => ({ column, file: it.path, use: `takes ${column} as a feature` }));
  return it.task === "regression" && isInt(contract.target)
    ? [
        ...features,
        {
          column: contract.target,
          file: "signalbox.yaml",
          use: `takes ${contract.target} as the target of a regression`,
        },
      ]
    : features;
}

/**
 * A model computes with doubles, where neighbours beyond 2^53 are one number: an amount would be rounded, codes would merge.
 * @throws splits/contract-violated with count and key
 */
export async function refuseRoundedValues(
  duck: Duck,
  input: {
    readonly tables: readonly string[];
    readonly columns: readonly WholeNumbers[];
    readonly sqlOf: (column: string) => string;
    readonly contract: DataContract;
  },
): Promise<void> {
  const { columns, sqlOf, contract } = input;
  if (columns.length === 0) return;
  const relation = parquetSql(...input.tables);
  // Parquet's statistics answer this without the rows.
  const bounds = columns.map(({ column }, index) => {
    const sql = sqlOf(column);
    return `${beyondDouble(`min(${sql})`)} OR ${beyondDouble(`max(${sql})`)} AS beyond_${index}`;
  });
  const row = await duck.row(`SELECT ${bounds.join(", ")} FROM ${relation}`);
  const found = columns.find((_, index) => row[`beyond_${index}`] === true);
  if (found === undefined) return;
  const { column, file, use } = found;
  const value = sqlOf(column);
  const { n } = await duck.row(`SELECT count(*) FILTER (${beyondDouble(value)}) AS n FROM ${relation}`);
  const named = new Map(Object.keys(contract.columns).map((name) => [name, { sql: sqlOf(name) }]));
  const examples = await duck.rows(
    `SELECT ${keyForPeople(contract, named)} AS key, (${value})::VARCHAR AS value FROM ${relation} WHERE ${beyondDouble(value)} ORDER BY key LIMIT 3`,
  );
  const shown = examples.map((one) => `${String(one.key)}: ${String(one.value)}`).join("; ");
  const values = count(n) === 1 ? "one of its values is" : `${count(n)} of its values are`;
  throw new AppError({
    code: "splits/contract-violated",
    message: `${file} ${use}, but ${values} beyond 2^53, where a model can't tell neighbours apart – ${shown}.`,
    hint:
      column === contract.target
        ? "Write the amounts in a larger unit in the table."
        : "Leave it out of a new feature version, or write amounts in a larger unit in the table.",
    details: { file, column, count: count(n) },
  });
}
