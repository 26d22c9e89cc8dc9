import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Core, LedgerOffer, Tracking } from "../../foundation/context.ts";
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
  readonly core: Pick<Core, "catalogue" | "clock"> & { readonly ledger: LedgerOffer };
  readonly tracking: Tracking;
  /** False for commands that only look, or are about other things: production moves in those that a person gave for it. */
  readonly mayMove: boolean;
  /** The server that a run was recorded on, and whether a process works on it; undefined where its folder is gone. */
  readonly runOf: (runId: string) => { readonly trackingUri: string; readonly isOwned: boolean } | undefined;
}

/** Brings ledger entries to MLflow that were recorded and got no further. */
export function entryDeliverer({ core, tracking, mayMove, runOf }: EntryDelivery): Deliverer {
  return {
    kind: entryKind,
    deliver: async ({ subject }) => {
      const entry = (await core.ledger.read()).find(({ hash }) => hash === subject);
      // A ledger that was put back doesn't say it any more.
      if (entry === undefined) return "delivered";
      const run = runOf(entry.body.runId);
      if (run?.isOwned === true || !isHere(tracking, run?.trackingUri)) return "waiting";
      if (await isTold(tracking.client, entry)) return "delivered";
      if (!mayMove) return "waiting";
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
    // Overtaken: there is nothing left to move.
    await carryOut(core, { client, entry }, async () => undefined);
    return "delivered";
  }
  if ((await settleMove(core, client, modelName)) !== null) return "delivered";
  const stands = (await productionOf({ client, modelName }))?.version ?? "nothing";
  throw new AppError({
    code: "promotion/alias-moved",
    message: `Entry ${entry.index} moves ${modelName} to version ${entry.body.toVersion}, but ${productionAlias} points to ${stands} now: someone moved it meanwhile.`,
    hint: "Nothing was moved.",
    next: [nextStep("promotion.list", {}, "shows what was production when")],
    details: { ledgerIndex: entry.index, now: stands },
  });
}
