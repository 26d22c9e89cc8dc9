import path from "node:path";
import type { ProjectPaths } from "../../foundation/files/paths.ts";

/** Paths of the files of a split version. */
export interface SplitPaths {
  readonly folder: string;
  readonly manifest: string;
  readonly reference: string;
  /** Project-relative, POSIX. */
  readonly names: { readonly folder: string; readonly manifest: string; readonly reference: string };
}

export function splitPaths(
  paths: Pick<ProjectPaths, "root" | "splits" | "references">,
  splitVersion: number,
): SplitPaths {
  const folder = path.join(paths.splits, `v${splitVersion}`);
  const manifest = path.join(folder, "manifest.json");
  const reference = path.join(paths.references, `v${splitVersion}`, "test_reference.parquet");
  const relative = (file: string) => path.relative(paths.root, file).split(path.sep).join("/");
  return {
    folder,
    manifest,
    reference,
    names: { folder: relative(folder), manifest: relative(manifest), reference: relative(reference) },
  };
}
