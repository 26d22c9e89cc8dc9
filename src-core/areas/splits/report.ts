import type { SplitReport } from "../../contract/splits.ts";
import type { Manifest } from "./manifest.ts";

/** A manifest as the operations return it. */
export function reportOf(manifest: Manifest, referenceReads: number): SplitReport {
  const parts = [
    { name: "train", ...manifest.train },
    { name: "reference", ...manifest.reference },
    ...manifest.optional_tests,
  ];
  return {
    splitVersion: manifest.split_version,
    dataContractVersion: manifest.data_contract_version,
    strategy: manifest.strategy,
    salt: manifest.salt,
    decidedBy: manifest.decided_by,
    duckdb: manifest.duckdb,
    master: manifest.master,
    parts: parts.map(({ name, path, rows, size_bytes, sha256, row_digest }) => ({
      part: name,
      path,
      rows,
      sizeBytes: size_bytes,
      sha256,
      rowDigest: row_digest,
    })),
    rowCounts: manifest.row_counts,
    skipped: manifest.skipped_tests,
    checks: manifest.checks,
    warnings: manifest.warnings,
    referenceReads,
  };
}
