import type { LedgerEntry } from "../../contract/ledger.ts";

/** What an entry left in production. */
export interface LastMove {
  readonly modelName: string;
  readonly ledgerIndex: number;
  readonly productionAfter: string | null;
  readonly runId: string;
}

/** Finds the last entry of each model that moved its production. */
export function lastMoves(entries: readonly LedgerEntry[]): readonly LastMove[] {
  const moves = new Map<string, LastMove>();
  for (const { index: ledgerIndex, kind, body } of entries) {
    const { modelName, runId } = body;
    if (kind !== "decision" && "toVersion" in body)
      moves.set(modelName, { modelName, ledgerIndex, runId, productionAfter: body.toVersion });
    else if ("alias" in body && body.alias.after !== null && body.alias.after !== body.alias.before)
      moves.set(modelName, { modelName, ledgerIndex, runId, productionAfter: body.alias.after });
  }
  return [...moves.values()];
}
