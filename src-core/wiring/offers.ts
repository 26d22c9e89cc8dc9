import { configsOffer } from "../areas/configs/offer.ts";
import { environmentOffer } from "../areas/environment/offer.ts";
import { jobsOffer } from "../areas/jobs/offer.ts";
import { ledgerOffer } from "../areas/ledger/offer.ts";
import { operationsOffer } from "../areas/operations/offer.ts";
import { outboxOffer } from "../areas/outbox/offer.ts";
import { runsOffer } from "../areas/runs/offer.ts";
import { splitsOffer } from "../areas/splits/offer.ts";
import { modelsOffer, ownershipOffer } from "../areas/tracking/offer.ts";
import { versioningOffer } from "../areas/versioning/offer.ts";
import type { Core, Offers } from "../foundation/context.ts";
import { outboxNeeds } from "./outbox-needs.ts";

/** A project's core with what its areas do for each other: every area gets it as the part that its own `needs.ts` names. */
export type WiredCore = Core & Offers;

export function withOffers(core: Core): WiredCore {
  const operations = operationsOffer(core);
  const ledger = ledgerOffer(core);
  const configs = configsOffer(core);
  const ownership = ownershipOffer({ ...core, ledger });
  const versioning = versioningOffer(core);
  return {
    ...core,
    configs,
    environment: environmentOffer({ ...core, configs, ledger, ownership, versioning }),
    ledger,
    runs: runsOffer(core),
    operations,
    jobs: jobsOffer({ ...core, operations }),
    models: modelsOffer({ ...core, ownership }),
    outbox: outboxOffer(core, outboxNeeds({ ...core, ledger, ownership })),
    ownership,
    splits: splitsOffer({ ...core, configs }),
    versioning,
  };
}
