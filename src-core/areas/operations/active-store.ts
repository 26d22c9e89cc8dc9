import type { CatalogueReader } from "../../foundation/catalogue/open.ts";

/** What other areas ask of the table operations; apart from its rows' schema, which a quick look needn't load. */

export interface ActiveOperation {
  readonly id: string;
  readonly operation: string;
  readonly runId: string | null;
  /** When it was started, else requested; ms since 1970. */
  readonly since: number;
  /** Of its caller: given to the supervisor, or still to be given; null where it was started without any. */
  readonly credentials: "given" | "needed" | null;
}

/** Operations that wait or run, the oldest request first. */
export function activeOperations(reader: CatalogueReader): readonly ActiveOperation[] {
  return reader
    .all(
      `SELECT id, operation, run_id, started_at, requested_at, credentials_json IS NULL AS is_free, needs_credentials
        FROM operations WHERE state IN ('queued', 'running') ORDER BY requested_at`,
    )
    .map((row) => ({
      id: String(row.id),
      operation: String(row.operation),
      runId: row.run_id === null ? null : String(row.run_id),
      since: Number(row.started_at ?? row.requested_at),
      credentials: row.is_free === 1 ? null : row.needs_credentials === 1 ? "needed" : "given",
    }));
}

export function hasActiveOperation(reader: CatalogueReader): boolean {
  return reader.get("SELECT 1 AS one FROM operations WHERE state IN ('queued', 'running') LIMIT 1") !== undefined;
}

/** Ids of the operations that ended. */
export function endedOperations(reader: CatalogueReader): ReadonlySet<string> {
  const rows = reader.all("SELECT id FROM operations WHERE state NOT IN ('queued', 'running')");
  return new Set(rows.map((row) => String(row.id)));
}

/** Whether the last operation that worked on a run was requested to stop. */
export function wasCancelAsked(reader: CatalogueReader, runId: string): boolean {
  const last = reader.get(
    "SELECT is_cancel_requested FROM operations WHERE run_id = ? ORDER BY CAST(substr(id, 3) AS INTEGER) DESC LIMIT 1",
    runId,
  );
  return last?.is_cancel_requested === 1;
}
