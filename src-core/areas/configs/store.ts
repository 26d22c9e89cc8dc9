import type { ConfigKind } from "../../contract/configs/config-kinds.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueReader, CatalogueWriter } from "../../foundation/catalogue/open.ts";

/** The table `config_versions`: an index of configs/frozen.json with the run that froze each version. */
interface ConfigVersionRow {
  readonly kind: ConfigKind;
  readonly version: number;
  readonly digest: string;
  readonly firstRunId: string;
  readonly frozenAt: number;
}

export function insertConfigVersion(writer: CatalogueWriter, row: ConfigVersionRow): void {
  const written = writer.run(
    "INSERT OR IGNORE INTO config_versions (kind, version, digest, first_run_id, frozen_at) VALUES (?, ?, ?, ?, ?)",
    row.kind,
    row.version,
    row.digest,
    row.firstRunId,
    row.frozenAt,
  );
  noteVersion(writer, row, written);
}

export function configVersion(
  reader: CatalogueReader,
  kind: ConfigKind,
  version: number,
): ConfigVersionRow | undefined {
  const row = reader.get("SELECT * FROM config_versions WHERE kind = ? AND version = ?", kind, version);
  if (!row) return undefined;
  return {
    kind,
    version,
    digest: String(row.digest),
    firstRunId: String(row.first_run_id),
    frozenAt: Number(row.frozen_at),
  };
}

/** Restores a row, or replaces it if this run used the version earlier. */
export function restoreConfigVersion(writer: CatalogueWriter, row: ConfigVersionRow): void {
  const written = writer.run(
    `INSERT INTO config_versions (kind, version, digest, first_run_id, frozen_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kind, version) DO UPDATE SET first_run_id = excluded.first_run_id, frozen_at = excluded.frozen_at
     WHERE excluded.digest = digest AND excluded.frozen_at < frozen_at`,
    row.kind,
    row.version,
    row.digest,
    row.firstRunId,
    row.frozenAt,
  );
  noteVersion(writer, row, written);
}

function noteVersion(writer: CatalogueWriter, { kind, version }: ConfigVersionRow, written: number): void {
  if (written > 0) noteChange(writer, "configs", [`${kind} v${version}`]);
}

/** The digests that runs used, by kind and version. */
export function indexedVersions(
  reader: CatalogueReader,
): readonly Pick<ConfigVersionRow, "kind" | "version" | "digest">[] {
  return reader.all("SELECT kind, version, digest FROM config_versions").map((row) => ({
    // Only `insertConfigVersion` and `restoreConfigVersion` write it.
    kind: String(row.kind) as ConfigKind,
    version: Number(row.version),
    digest: String(row.digest),
  }));
}
