import { configsOffer } from "../areas/configs/offer.ts";
import { jobRecord } from "../areas/jobs/store.ts";
import { ledgerOffer } from "../areas/ledger/offer.ts";
import { operationsOffer } from "../areas/operations/offer.ts";
import { outboxOffer } from "../areas/outbox/offer.ts";
import { runsOffer } from "../areas/runs/offer.ts";
import type { Core, Offers } from "../foundation/context.ts";
import { outboxNeeds } from "./outbox-needs.ts";

/** A project's core with what its areas do for each other: every area gets it as the part that its own `needs.ts` names. */
export type WiredCore = Core & Offers;

export function withOffers(core: Core): WiredCore {
  const operations = operationsOffer(core);
  const ledger = ledgerOffer(core);
  return {
    ...core,
    configs: configsOffer(core),
    ledger,
    runs: runsOffer(core),
    operations,
    jobs: { record: () => jobRecord(core.catalogue(), core.clock, operations.linkRun) },
    outbox: outboxOffer(core, outboxNeeds({ ...core, ledger })),
  };
}
