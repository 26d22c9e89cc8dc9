import type { DecisionRow } from "../../../contract/promotion.ts";

/**
 * Describes the production in the ledger if the tracking server has none, or another model under that version, because it is another server or
 * was reset. The next model would be promoted without a comparison, or after one with a model that was never in production. Null if the ledger
 * has no production either, or the server has it; which version is production may have been changed by another program.
 * @param moves moves of a model's production, oldest first
 * @param production what the server has
 */
export function lostProduction(
  moves: readonly DecisionRow[],
  production: { readonly version: string; readonly runId: string } | null,
  uri: string,
): string | null {
  const last = moves.at(-1);
  if (last === undefined || last.productionAfter === null) return null;
  const { ledgerIndex, productionAfter, runId } = last;
  const isThere = production !== null && (production.version !== productionAfter || production.runId === runId);
  if (isThere) return null;
  const there = production === null ? "has none" : `has run ${production.runId.slice(0, 8)} as that version`;
  return `ledger entry ${ledgerIndex} put version ${productionAfter} (run ${runId.slice(0, 8)}) into production, but ${uri} ${there}: decide on the server that holds it or, if that is gone for good, override`;
}
