import path from "node:path";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { describeTable, readTableSql } from "../../../foundation/duck/table.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";

/** Names of the contract's columns that hold paths of files. */
export function fileColumns(contract: Pick<DataContract, "columns">): readonly string[] {
  return Object.entries(contract.columns).flatMap(([name, column]) => (column.type === "file" ? [name] : []));
}

export interface FileColumnsRequest {
  /** Absolute paths of the master table's files. */
  readonly master: readonly string[];
  readonly columns: readonly string[];
  readonly tempDirectory: string;
  readonly signal?: AbortSignal;
}

/** Every path that the columns name. */
export async function readFileColumns(request: FileColumnsRequest): Promise<readonly string[]> {
  if (request.columns.length === 0) return [];
  const duck = await openDuck({
    tempDirectory: request.tempDirectory,
    files: request.master,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  try {
    const { source, columns } = await describeTable(duck, request.master);
    const names = new Set(columns.map((column) => column.name));
    const selects = request.columns.map((column) => {
      // A column whose own name has dots takes precedence over a struct's field of that path.
      const sql = names.has(column) ? identifier(column) : column.split(".").map(identifier).join(".");
      return `SELECT CAST(${sql} AS VARCHAR) AS file FROM ${readTableSql(source)} WHERE ${sql} IS NOT NULL`;
    });
    const rows = await duck.rows(`SELECT DISTINCT file FROM (${selects.join(" UNION ALL ")})`);
    return rows.map((row) => String(row.file));
  } finally {
    duck.close();
  }
}

/**
 * The folders to version for these files: each file's own folder, without those inside another one.
 * @throws versioning/overlap for a path that leaves the project or is directly in it
 */
export function foldersOf(files: readonly string[]): readonly string[] {
  const folders = new Set(files.map((file) => folderOf(file)));
  return [...folders]
    .filter((folder) => ![...folders].some((other) => folder.startsWith(`${other}/`)))
    .toSorted(compareCodePoints);
}

function folderOf(file: string): string {
  const folder = path.posix.normalize(path.posix.dirname(file));
  if (!path.posix.isAbsolute(file) && folder !== "." && folder !== ".." && !folder.startsWith("../")) return folder;
  throw new AppError({
    code: "versioning/overlap",
    message: `The table names the file ${file}, which isn't in a folder below the project.`,
    hint: "Move the files to a folder of the project and give their paths relative to it, for instance data/images/1.png.",
    details: { file },
  });
}
