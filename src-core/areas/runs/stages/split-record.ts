import { formatCount } from "../../../../src-view/numbers.ts";
import type { SplitResult } from "../../../contract/runs/stage-results.ts";
import type { StageRecord } from "./stage-record.ts";

const paramsOf = (split: SplitResult) => ({
  master_sha256: split.masterSha256,
  train_sha256: split.train.sha256,
  train_row_digest: split.train.rowDigest,
  train_rows: String(split.train.rows),
  reference_sha256: split.reference.sha256,
  reference_row_digest: split.reference.rowDigest,
  reference_rows: String(split.reference.rows),
  split_manifest_sha256: split.manifest.sha256,
});
const names: ReadonlySet<string> = new Set<keyof ReturnType<typeof paramsOf>>([
  ...(["master_sha256", "train_sha256", "train_row_digest", "train_rows"] as const),
  ...(["reference_sha256", "reference_row_digest", "reference_rows", "split_manifest_sha256"] as const),
]);

/** A digest of an MLflow dataset has at most 36 characters, so the first 32 of a sha256 are used. */
const datasetDigest = (sha256: string): string => sha256.slice(0, 32);

export const splitRecord: StageRecord<"split"> = {
  name: "split",
  work: "train set, reference test and optional tests are made and checked",
  describe: (it) =>
    `${formatCount(it.train.rows)} training rows, ${formatCount(it.reference.rows)} reference rows (${it.isReferenceNew ? "new" : "frozen"}), ${it.optional.length} optional tests`,
  changes: (it) => [["splits", [String(it.splitVersion)]]],
  publish: (it) => ({
    params: paramsOf(it),
    datasets: [
      {
        ...{ name: "train", context: "training", digest: datasetDigest(it.train.sha256) },
        ...{ source: it.train.path, rows: it.train.rows },
      },
      {
        ...{ name: "test_reference", context: "evaluation", digest: datasetDigest(it.reference.sha256) },
        ...{ source: it.reference.path, rows: it.reference.rows },
      },
    ],
  }),
  metrics: () => ({}),
  ownsParam: (key) => names.has(key),
  isPublished: ({ params }) => params.split_manifest_sha256 !== undefined,
};
