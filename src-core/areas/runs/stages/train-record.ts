import { formatCount } from "../../../../src-view/numbers.ts";
import type { StageRecord } from "./stage-record.ts";

/** Parameters of the trainer have names of their own, so that none can take a lineage parameter's. */
const prefix = "train.";

export const trainRecord: StageRecord<"train"> = {
  name: "train",
  work: "a model is trained",
  describe: (it) => `${it.modelType} on ${formatCount(it.trainedRows)} rows in ${it.fitSeconds.toFixed(1)} s`,
  publish: (it) => ({
    params: Object.fromEntries(Object.entries(it.params).map(([key, value]) => [`${prefix}${key}`, value])),
    tags: { "signalbox.model_digest": it.modelDigest, "signalbox.canonical_digest": it.canonicalDigest },
  }),
  // The trainer's own, and what training took and left, under the names that a gate asks for them by.
  metrics: ({ metrics, fitSeconds, files }) => ({
    ...metrics,
    fit_seconds: fitSeconds,
    model_size_bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  }),
  ownsParam: (key) => key.startsWith(prefix),
  isPublished: ({ tags }) => tags["signalbox.canonical_digest"] !== undefined,
};
