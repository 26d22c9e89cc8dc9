import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { type NewItem, restoreItem } from "../../outbox/store.ts";

export const entryKind = "ledger-entry";

/** The item that a ledger entry must be sent to MLflow. Entries are identified by their hash, because a restored ledger may have other ones. */
export function entryItem({ hash, index, at, body }: LedgerEntry): NewItem {
  const { runId, modelName } = body;
  return { kind: entryKind, subject: hash, payload: { index, runId, modelName }, putAt: Date.parse(at) };
}

/**
 * Restores missing outbox rows of entries. Two kinds may not have reached MLflow: the decision of a run whose stage didn't finish, and the
 * last override or rollback of a model. All others were sent before the entries that follow them.
 * @param isUndecided whether the decide stage isn't finished according to the folder of the run
 */
export function restoreEntries(
  writer: CatalogueWriter,
  entries: readonly LedgerEntry[],
  isUndecided: (runId: string) => boolean,
): void {
  const lastMoves = new Map(entries.filter(isMove).map(({ body, index }) => [body.modelName, index]));
  for (const entry of entries) {
    const { runId, modelName } = entry.body;
    const isOpen = entry.kind === "decision" ? isUndecided(runId) : lastMoves.get(modelName) === entry.index;
    const item = entryItem(entry);
    restoreItem(writer, item, isOpen ? null : item.putAt);
  }
}

function isMove(entry: LedgerEntry): boolean {
  if (entry.kind !== "decision") return true;
  const { before, after } = entry.body.alias;
  return after !== null && after !== before;
}
