import type { TrainOutput } from "../../../contract/routing/routing-output.ts";
import type { OwnershipOffer, Tracking } from "../../../foundation/context.ts";
import { isHere } from "../../outbox/is-here.ts";
import type { Deliverer } from "../../outbox/needs.ts";
import type { NewItem, OutboxItem } from "../../outbox/store.ts";

const summaryKind = "plan-summary";

/**
 * There is no parent run: the result of a plan is on the experiment that its jobs' experiments are named after. The last training counts.
 * @param server the address that was chosen for this training, without credentials; null for the project's own choice
 */
export function summaryItem(
  output: TrainOutput,
  it: { readonly experiment: string; readonly server: string | null; readonly putAt: number },
): NewItem {
  return {
    kind: summaryKind,
    subject: it.experiment,
    payload: { server: it.server, tags: summaryTags(output) },
    putAt: it.putAt,
  };
}

function summaryTags(output: TrainOutput): Readonly<Record<string, string>> {
  const { counts } = output;
  return {
    "signalbox.plan_hash": output.planHash,
    "signalbox.plan_summary": JSON.stringify(counts),
    ...Object.fromEntries(Object.entries(counts).map(([key, value]) => [`signalbox.plan_${key}`, String(value)])),
    "signalbox.plan_estimated_seconds": String(output.estimatedSeconds ?? "unknown"),
    "signalbox.plan_job_seconds": output.jobSeconds.toFixed(1),
    "signalbox.plan_wall_seconds": output.wallSeconds.toFixed(1),
  };
}

interface SummaryCore {
  readonly ownership: Pick<OwnershipOffer, "claimExperiment">;
}

/** @throws projects/foreign, ledger/other-head */
export async function sendSummary(
  { ownership }: SummaryCore,
  tracking: Tracking,
  { subject, payload }: Pick<OutboxItem, "subject" | "payload">,
): Promise<void> {
  const experimentId = await ownership.claimExperiment(tracking, { experiment: subject });
  // Written by `summaryItem` and read back from the catalogue.
  await tracking.client.setExperimentTags(experimentId, payload.tags as Readonly<Record<string, string>>);
}

/** Sends MLflow the summary of the last training, if it wasn't sent yet. */
export function summaryDeliverer(core: SummaryCore, tracking: Tracking): Deliverer {
  return {
    kind: summaryKind,
    deliver: async (item) => {
      const { server } = item.payload;
      if (!isHere(tracking, typeof server === "string" ? server : null)) return "waiting";
      await sendSummary(core, tracking, item);
      return "delivered";
    },
  };
}
