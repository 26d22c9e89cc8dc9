import type { NewItem } from "../../outbox/store.ts";

export const outcomeKind = "run-outcome";

/** That MLflow must hear how a run ended; how, the run's row says when it is sent. */
export function outcomeItem(runId: string, putAt: number): NewItem {
  return { kind: outcomeKind, subject: runId, payload: {}, putAt };
}
