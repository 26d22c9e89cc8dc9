import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Core, LedgerOffer, OwnershipOffer, Tracking } from "../../foundation/context.ts";
import { productionAlias, productionOf } from "../../foundation/mlflow/registry/registry-promotion.ts";
import { isHere } from "../outbox/is-here.ts";
import type { Deliverer, Delivery } from "../outbox/needs.ts";
import { applyVerdict } from "./decide/apply.ts";
import { entryKind } from "./decide/entry-item.ts";
import { carryOut, isTold } from "./decide/ledger-head.ts";
import type { DecisionEntry } from "./decide/record-decision.ts";
import { type MoveEntry, settleMove } from "./moves.ts";
import { productionMoves } from "./store.ts";

export interface EntryDelivery {
  readonly core: Pick<Core, "catalogue" | "clock"> & {
    readonly ledger: LedgerOffer;
    readonly ownership: Pick<OwnershipOffer, "check">;
  };
  readonly tracking: Tracking;
  /** False for commands that only read or have another purpose. Only commands about production may move it. */
  readonly mayMove: boolean;
  /** Finds the server of a run, and whether a process executes it; undefined if its folder no longer exists. */
  readonly runOf: (runId: string) => { readonly trackingUri: string; readonly isOwned: boolean } | undefined;
}

/** Sends ledger entries to MLflow that were recorded but not carried out. */
export function entryDeliverer({ core, tracking, mayMove, runOf }: EntryDelivery): Deliverer {
  return {
    kind: entryKind,
    deliver: async ({ subject }) => {
      const entry = (await core.ledger.read()).find(({ hash }) => hash === subject);
      // A restored ledger may not have the entry any more.
      if (entry === undefined) return "delivered";
      const run = runOf(entry.body.runId);
      if (run?.isOwned === true || !isHere(tracking, run?.trackingUri)) return "waiting";
      if (await isTold(tracking.client, entry)) return "delivered";
      if (!mayMove) return "waiting";
      await core.ownership.check(tracking, [{ registeredModel: entry.body.modelName }]);
      if (entry.kind === "decision") return await deliverDecision(core, tracking, entry);
      return await deliverMove(core, tracking, entry);
    },
  };
}

async function deliverDecision(
  core: EntryDelivery["core"],
  tracking: Tracking,
  entry: DecisionEntry,
): Promise<Delivery> {
  await applyVerdict({ core, tracking }, entry);
  return "delivered";
}

async function deliverMove(core: EntryDelivery["core"], { client }: Tracking, entry: MoveEntry): Promise<Delivery> {
  const { modelName } = entry.body;
  const last = productionMoves(core.catalogue(), modelName).at(-1);
  if (last !== undefined && last.ledgerIndex > entry.index) {
    // A later move replaced this one, so there is nothing left to move.
    await carryOut(core, { client, entry }, async () => undefined);
    return "delivered";
  }
  if ((await settleMove(core, client, modelName)) !== null) return "delivered";
  const stands = (await productionOf({ client, modelName }))?.version ?? "nothing";
  throw new AppError({
    code: "promotion/alias-moved",
    message: `Entry ${entry.index} moves ${modelName} to version ${entry.body.toVersion}, but ${productionAlias} now points to ${stands}, because it was moved meanwhile.`,
    hint: "Nothing was moved.",
    next: [nextStep("promotion.list", {}, "shows the history of production")],
    details: { ledgerIndex: entry.index, now: stands },
  });
}
