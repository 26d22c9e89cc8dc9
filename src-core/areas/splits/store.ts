import type { SplitResult } from "../../contract/runs/stage-results.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { Catalogue } from "../../foundation/catalogue/open.ts";

/** Indexes a split; the manifest in the split's folder remains what counts. */
export function recordSplit(catalogue: Pick<Catalogue, "write">, result: SplitResult, createdAtMs: number): void {
  catalogue.write((writer) => {
    writer.run(
      `INSERT INTO splits (split_version, master_sha256, manifest_sha256, result_json, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (split_version, master_sha256) DO UPDATE SET manifest_sha256 = excluded.manifest_sha256, result_json = excluded.result_json`,
      result.splitVersion,
      result.masterSha256,
      result.manifest.sha256,
      JSON.stringify(result),
      createdAtMs,
    );
    noteChange(writer, "splits", [String(result.splitVersion)]);
  });
}
