import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { foldedName, type TableColumn } from "../../../foundation/duck/table-columns.ts";

/**
 * Refuses files that a glob found in folders named `key=value`: the folder's name is a value of each row, and only the file
 * is read. A file that has the column itself is complete.
 * @throws splits/master-unreadable naming the columns that would be missing
 */
export function refuseFolderColumns(
  { root, master, files }: { readonly root: string; readonly master: string; readonly files: readonly string[] },
  columns: readonly TableColumn[],
): void {
  const names = new Set(columns.map(({ name }) => foldedName(name)));
  const missing = folderKeys(
    master,
    files.map((file) => path.relative(root, file)),
  ).filter((key) => !names.has(foldedName(key)));
  if (missing.length === 0) return;
  const listed = missing.join(", ");
  throw new AppError({
    code: "splits/master-unreadable",
    message: `The files of ${master} don't have the column ${listed}, which only the names of their folders have (${missing[0]}=…).`,
    hint: `Write the files again with the column ${listed} in them, or combine them into one file.`,
    details: { master, columns: missing },
  });
}

/** Keys of the folders named `key=value` that the glob's own characters found. */
function folderKeys(master: string, files: readonly string[]): readonly string[] {
  const folders = path.posix.normalize(master).split("/").slice(0, -1);
  const fixed = folders.findIndex((folder) => /[*?[\]{}]/.test(folder));
  if (fixed < 0) return [];
  const found = files.flatMap((file) => file.split(/[/\\]/).slice(fixed, -1));
  return [...new Set(found.flatMap((folder) => /^([^=]+)=/.exec(folder)?.[1] ?? []))];
}
