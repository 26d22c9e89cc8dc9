import type { LedgerHead } from "../../contract/ledger.ts";

/** The tag on MLflow's runs that says how long the ledger was after their decision: "index:hash". */
export const ledgerHeadTag = "signalbox.ledger_head";

/** The furthest head that any of these tags remembers; null where none does. Tags of another form are passed over. */
export function furthestHead(tags: readonly (string | undefined)[]): LedgerHead | null {
  return tags.reduce<LedgerHead | null>((furthest, tag) => {
    const [, entries, hash] = /^(\d{1,9}):([0-9a-f]{64})$/.exec(tag ?? "") ?? [];
    if (entries === undefined || hash === undefined) return furthest;
    return furthest !== null && furthest.entries >= Number(entries) ? furthest : { entries: Number(entries), hash };
  }, null);
}
