import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueReader, CatalogueWriter } from "../../foundation/catalogue/open.ts";

/** The table models: versions that Signalbox registered. */
export interface RegisteredVersion {
  readonly name: string;
  readonly version: string;
  readonly runId: string;
  readonly digest: string;
  readonly registeredAt: number;
}

export function putModel(writer: CatalogueWriter, model: RegisteredVersion): void {
  writer.run(
    `INSERT INTO models (name, version, run_id, digest, registered_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name, version) DO UPDATE SET run_id = excluded.run_id, digest = excluded.digest`,
    model.name,
    model.version,
    model.runId,
    model.digest,
    model.registeredAt,
  );
  noteChange(writer, "models", [`${model.name}/${model.version}`]);
}

export function modelsOfRun(reader: CatalogueReader, runId: string): readonly RegisteredVersion[] {
  return reader.all("SELECT * FROM models WHERE run_id = ? ORDER BY CAST(version AS INTEGER)", runId).map((row) => ({
    name: String(row.name),
    version: String(row.version),
    runId: String(row.run_id),
    digest: String(row.digest),
    registeredAt: Number(row.registered_at),
  }));
}
