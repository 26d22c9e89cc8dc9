import type { StageRecord } from "./stage-record.ts";

export const decideRecord: StageRecord<"decide"> = {
  name: "decide",
  work: "it is compared with production",
  describe: (it) => `${it.gate.verdict}: ${it.gate.reason}`,
  publish: (it) => ({
    tags: {
      "signalbox.verdict": it.gate.verdict,
      "signalbox.ledger_index": String(it.ledgerIndex),
      "signalbox.ledger_hash": it.ledgerHash,
    },
  }),
  metrics: () => ({}),
  ownsParam: () => false,
  isPublished: ({ tags }) => tags["signalbox.verdict"] !== undefined,
};
