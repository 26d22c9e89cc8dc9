import type { DecisionRow } from "../../../contract/promotion.ts";

/**
 * What the ledger says is in production although the tracking server has none: another server, or one that lost it. To take the next
 * model for the first would promote it unseen. Null where the ledger knows of none either.
 * @param moves of production of one model, oldest first
 */
export function lostProduction(moves: readonly DecisionRow[], uri: string): string | null {
  const last = moves.at(-1);
  if (last === undefined || last.productionAfter === null) return null;
  const { ledgerIndex, productionAfter, runId } = last;
  return `ledger entry ${ledgerIndex} put version ${productionAfter} (run ${runId.slice(0, 8)}) into production, but ${uri} has none: decide on the server that holds it or, if that is gone for good, override`;
}
