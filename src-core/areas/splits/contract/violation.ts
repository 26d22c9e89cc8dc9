import { AppError } from "../../../contract/errors.ts";

export interface ViolationExample {
  /** `carrier=UA, flight=15` */
  readonly key: string;
  readonly value: string | null;
  /** Position in the table, from 1, if it helps to find the cell. */
  readonly row?: number;
}

/** One broken rule of the data contract. */
export interface Violation {
  readonly column: string;
  readonly rule: string;
  /** Affected rows; all rows if the column as a whole is wrong. */
  readonly count: number;
  readonly examples: readonly ViolationExample[];
}

export const exampleLimit = 10;

export function violationError(violations: readonly Violation[], file: string): AppError {
  const lines = violations.slice(0, 20).map(describe);
  const more = violations.length > 20 ? [`… and ${violations.length - 20} more`] : [];
  return new AppError({
    code: "splits/contract-violated",
    message: `The table breaks ${file} in ${violations.length === 1 ? "one place" : `${violations.length} places`}:\n${[...lines, ...more].join("\n")}`,
    hint: "Correct the table, remove the rows with an `exclude` rule, or write a new version of the data contract that says what the table has (`missing` lists strings that mean no value).",
    details: { file, violations },
  });
}

function describe({ column, rule, count, examples }: Violation): string {
  const shown = examples
    .slice(0, 3)
    .map(({ key, value, row }) => `${key}${row === undefined ? "" : ` (row ${row})`}: ${value ?? "null"}`)
    .join("; ");
  return `  ${column}: ${rule}, ${count} ${count === 1 ? "row" : "rows"}${shown === "" ? "" : ` – ${shown}`}`;
}
