import type { GateRow } from "../../../contract/runs/stage-results.ts";

/** The note on production in rows from before there was a field for it. */
const noteBefore = "production was re-scored on these rows";

/** Checks whether the decision used re-scored predictions of production. A reproduction must use the same. */
export function wasRescored(rows: readonly GateRow[]): boolean {
  return rows.some((row) => row.isProductionRescored ?? (row.metric === "same rows" && row.note === noteBefore));
}
