import type { LedgerHead } from "../../contract/ledger.ts";

/** The tag of MLflow runs and experiments with the head of the ledger after their last decision: "index:hash". */
export const ledgerHeadTag = "signalbox.ledger_head";
/** The tag of an experiment with who wrote that entry, for people. */
export const ledgerActorTag = "signalbox.ledger_actor";

export function headTagOf({ entries, hash }: LedgerHead): string {
  return `${entries}:${hash}`;
}

/** Returns the furthest head in these tags; null if there is none. Ignores invalid tags. */
export function furthestHead(tags: readonly (string | undefined)[]): LedgerHead | null {
  return tags.reduce<LedgerHead | null>((furthest, tag) => {
    const [, entries, hash] = /^(\d{1,9}):([0-9a-f]{64})$/.exec(tag ?? "") ?? [];
    if (entries === undefined || hash === undefined) return furthest;
    return furthest !== null && furthest.entries >= Number(entries) ? furthest : { entries: Number(entries), hash };
  }, null);
}
