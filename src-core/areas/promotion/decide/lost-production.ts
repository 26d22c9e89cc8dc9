import type { DecisionRow } from "../../../contract/promotion.ts";

/**
 * Describes the production in the ledger if the tracking server has none, because it is another server or has lost it. Treating the next model
 * as the first one would promote it without a comparison. Null if the ledger has no production either.
 * @param moves moves of a model's production, oldest first
 */
export function lostProduction(moves: readonly DecisionRow[], uri: string): string | null {
  const last = moves.at(-1);
  if (last === undefined || last.productionAfter === null) return null;
  const { ledgerIndex, productionAfter, runId } = last;
  return `ledger entry ${ledgerIndex} put version ${productionAfter} (run ${runId.slice(0, 8)}) into production, but ${uri} has none: decide on the server that holds it or, if that is gone for good, override`;
}
