import type { CatalogueReader } from "../../foundation/catalogue/open.ts";

/** What `gc` asks the catalogue, read only: which runs and operations are over, and which must keep their files. */

/** Ended runs whose model was fetched back from MLflow, latest first. */
export function endedRunsWithModel(catalogue: CatalogueReader): readonly string[] {
  const rows = catalogue.all(
    `SELECT runs.run_id AS id FROM runs JOIN stages ON stages.run_id = runs.run_id
     WHERE stages.stage = 'evaluate' AND stages.state = 'finished' AND runs.status <> 'RUNNING' AND runs.is_resumable = 0
     ORDER BY runs.started_at DESC`,
  );
  return rows.map((row) => String(row.id));
}

/** Runs that were made production at some time: the next decision, or a rollback, meets one of them. */
export function promotedRuns(catalogue: CatalogueReader): ReadonlySet<string> {
  const rows = catalogue.all("SELECT DISTINCT run_id AS id FROM decisions WHERE production_after = model_version");
  return new Set(rows.map((row) => String(row.id)));
}

export function endedOperations(catalogue: CatalogueReader): ReadonlySet<string> {
  const rows = catalogue.all("SELECT id FROM operations WHERE state NOT IN ('queued', 'running')");
  return new Set(rows.map((row) => String(row.id)));
}

export function hasActiveOperation(catalogue: CatalogueReader): boolean {
  return catalogue.get("SELECT 1 AS one FROM operations WHERE state IN ('queued', 'running') LIMIT 1") !== undefined;
}
