import { counted } from "../../../../src-view/numbers.ts";
import { formatSeconds } from "../../../../src-view/times.ts";
import type { StageRecord } from "./stage-record.ts";

/** Prefix of the trainer's parameters, so none can have the name of a lineage parameter. */
const prefix = "train.";

export const trainRecord: StageRecord<"train"> = {
  name: "train",
  work: "a model is trained",
  describe: (it) => `${it.modelType} on ${counted(it.trainedRows, "row")} in ${formatSeconds(it.fitSeconds)}`,
  publish: (it) => ({
    params: Object.fromEntries(Object.entries(it.params).map(([key, value]) => [`${prefix}${key}`, value])),
    tags: { "signalbox.model_digest": it.modelDigest, "signalbox.canonical_digest": it.canonicalDigest },
  }),
  // Metrics of the trainer, and the cost and size of training under the names that a gate uses.
  metrics: ({ metrics, fitSeconds, files }) => ({
    ...metrics,
    fit_seconds: fitSeconds,
    model_size_bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  }),
  ownsParam: (key) => key.startsWith(prefix),
  isPublished: ({ tags }) => tags["signalbox.canonical_digest"] !== undefined,
};
