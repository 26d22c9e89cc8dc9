import type { NewItem } from "../../outbox/store.ts";

export const outcomeKind = "run-outcome";

/** The item that a run's outcome must be sent to MLflow. The outcome is read from the run's row when it is sent. */
export function outcomeItem(runId: string, putAt: number): NewItem {
  return { kind: outcomeKind, subject: runId, payload: {}, putAt };
}
