import type { DecisionRow } from "../../contract/promotion.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueReader, CatalogueWriter, Row } from "../../foundation/catalogue/open.ts";
import { pendingOfKind } from "../outbox/store.ts";
import { entryKind } from "./decide/entry-item.ts";

/** The table decisions: an index of the ledger's entries. */

function decisionOf(row: Row): DecisionRow {
  const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
  return {
    ledgerIndex: Number(row.ledger_index),
    kind: row.kind as DecisionRow["kind"],
    runId: String(row.run_id),
    modelName: String(row.model_name),
    modelVersion: String(row.model_version),
    verdict: text(row.verdict) as DecisionRow["verdict"],
    isExperiment: row.is_experiment === 1,
    reason: String(row.reason),
    actor: String(row.actor),
    productionBefore: text(row.production_before),
    productionAfter: text(row.production_after),
    decidedAt: Number(row.decided_at),
  };
}

export function putDecision(writer: CatalogueWriter, it: DecisionRow): void {
  const written = writer.run(
    `INSERT INTO decisions (ledger_index, run_id, model_name, model_version, kind, verdict, is_experiment, reason, actor, production_before,
       production_after, decided_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    it.ledgerIndex,
    it.runId,
    it.modelName,
    it.modelVersion,
    it.kind,
    it.verdict,
    it.isExperiment ? 1 : 0,
    it.reason,
    it.actor,
    it.productionBefore,
    it.productionAfter,
    it.decidedAt,
  );
  if (written > 0) noteChange(writer, "decisions", [String(it.ledgerIndex)]);
}

export function listDecisions(
  reader: CatalogueReader,
  limit: number,
): { readonly total: number; readonly decisions: DecisionRow[] } {
  const total = Number(reader.get("SELECT COUNT(*) AS n FROM decisions")?.n);
  return {
    total,
    decisions: reader.all("SELECT * FROM decisions ORDER BY ledger_index DESC LIMIT ?", limit).map(decisionOf),
  };
}

/** Finds the last decision of the gate, ignoring overrides and rollbacks. */
export function lastDecision(reader: CatalogueReader): DecisionRow | undefined {
  const row = reader.get("SELECT * FROM decisions WHERE kind = 'decision' ORDER BY ledger_index DESC LIMIT 1");
  return row === undefined ? undefined : decisionOf(row);
}

/** Lists the decisions of a run, oldest first. */
export function decisionsOf(reader: CatalogueReader, runId: string): readonly DecisionRow[] {
  return reader.all("SELECT * FROM decisions WHERE run_id = ? ORDER BY ledger_index", runId).map(decisionOf);
}

/** Lists the entries that moved the production of a model, oldest first. */
export function productionMoves(reader: CatalogueReader, modelName: string): readonly DecisionRow[] {
  return reader
    .all(
      "SELECT * FROM decisions WHERE model_name = ? AND production_after IS NOT NULL AND production_after IS NOT production_before ORDER BY ledger_index",
      modelName,
    )
    .map(decisionOf);
}

/** Finds the last move of each model's production. */
export function productionNow(reader: CatalogueReader): readonly DecisionRow[] {
  return reader
    .all(
      `SELECT * FROM decisions WHERE ledger_index IN (
         SELECT MAX(ledger_index) FROM decisions WHERE production_after IS NOT NULL AND production_after IS NOT production_before
         GROUP BY model_name) ORDER BY model_name`,
    )
    .map(decisionOf);
}

/** Names of models with an entry that MLflow hasn't received yet. */
export function pendingMoves(reader: CatalogueReader): ReadonlySet<string> {
  return new Set(pendingOfKind(reader, entryKind).map(({ payload }) => String(payload.modelName)));
}

/** Lists the runs on which there is a decision, oldest first. */
export function decidedRuns(reader: CatalogueReader): readonly string[] {
  const rows = reader.all("SELECT run_id AS id FROM decisions WHERE kind = 'decision' ORDER BY ledger_index");
  return rows.map((row) => String(row.id));
}

/** Lists runs that were ever in production, because a decision or a rollback may need them. */
export function promotedRuns(reader: CatalogueReader): ReadonlySet<string> {
  const rows = reader.all("SELECT DISTINCT run_id AS id FROM decisions WHERE production_after = model_version");
  return new Set(rows.map((row) => String(row.id)));
}
