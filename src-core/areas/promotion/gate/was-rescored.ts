import type { GateRow } from "../../../contract/runs/stage-results.ts";

/** Said of production in rows that were decided before they had a field for it. */
const noteBefore = "production was re-scored on these rows";

/** Where production's predictions of a decision came from: a repetition must ask with the same. */
export function wasRescored(rows: readonly GateRow[]): boolean {
  return rows.some((row) => row.isProductionRescored ?? (row.metric === "same rows" && row.note === noteBefore));
}
