import type { Versioned } from "../../contract/runs/stage-results.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueWriter } from "../../foundation/catalogue/open.ts";
import type { VersionedTargets } from "./outputs/version-targets.ts";

export interface DatasetRecord {
  readonly versioned: VersionedTargets;
  readonly runId: string;
  readonly now: Date;
}

/** Remembers each content by its hash, with the run that first used it. */
export function recordDatasets(writer: CatalogueWriter, { versioned, runId, now }: DatasetRecord): void {
  const put = (role: "master" | "split" | "reference", { hash, path, sizeBytes, files }: Versioned) =>
    writer.run(
      `INSERT INTO datasets (hash, path, role, size_bytes, files, first_run_id, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET seen_at = excluded.seen_at`,
      hash,
      path,
      role,
      sizeBytes,
      files,
      runId,
      now.getTime(),
    );
  for (const one of versioned.master) put("master", one);
  put("split", versioned.split);
  put("reference", versioned.reference);
  noteChange(
    writer,
    "data",
    [...versioned.master, versioned.split, versioned.reference].map(({ path }) => path),
  );
}
