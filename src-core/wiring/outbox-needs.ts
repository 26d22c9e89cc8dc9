import path from "node:path";
import type { OutboxNeeds } from "../areas/outbox/needs.ts";
import type { Core, LedgerOffer, OwnershipOffer } from "../foundation/context.ts";

/** Who sends what of the outbox; loaded only when something is to be sent. */
export function outboxNeeds(
  core: Pick<Core, "catalogue" | "clock" | "project"> & {
    readonly ledger: LedgerOffer;
    readonly ownership: OwnershipOffer;
  },
): OutboxNeeds {
  return {
    deliverers: async (tracking, { isUrged }) => {
      const [{ outcomeDeliverer }, { startDeliverer }, { entryDeliverer }, { summaryDeliverer }, { runOf }] =
        await Promise.all([
          import("../areas/runs/record/deliver-outcome.ts"),
          import("../areas/runs/record/starting.ts"),
          import("../areas/promotion/deliver-entry.ts"),
          import("../areas/routing/train/plan-summary.ts"),
          import("../areas/runs/record/run-place.ts"),
        ]);
      return [
        outcomeDeliverer(core, tracking),
        startDeliverer(core, tracking),
        entryDeliverer({
          ...{ core, tracking, mayMove: isUrged },
          runOf: (runId) => runOf(path.join(core.project().paths.runs, runId)),
        }),
        summaryDeliverer(core, tracking),
      ];
    },
  };
}
