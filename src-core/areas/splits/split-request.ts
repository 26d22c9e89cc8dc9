import type { DataContract } from "../../contract/configs/data-contract.ts";
import type { ResolvedFile } from "../../contract/configs/resolved.ts";
import type { SplitSchema } from "../../contract/configs/split-schema.ts";
import type { Progress } from "../../contract/operation.ts";
import type { FirstCounts } from "../../contract/runs/stage-results.ts";
import type { HashedMaster } from "./master/master-files.ts";

/** What a split is made from and where its files go. */
export interface SplitRequest {
  readonly root: string;
  /** As it is written in signalbox.yaml. */
  readonly masterPath: string;
  readonly master: HashedMaster;
  readonly contract: ResolvedFile<DataContract>;
  readonly split: ResolvedFile<SplitSchema>;
  /** Columns beside key and group whose values name something: classes, segments. */
  readonly codes: readonly string[];
  /** Private folder for the train set and the optional tests. */
  readonly folder: string;
  /** The reference test: the private path of a new one, or the path of the recorded one. */
  readonly reference:
    | { readonly kind: "new"; readonly file: string }
    /** `first` is null if it isn't known what its checks counted. */
    | { readonly kind: "frozen"; readonly file: string; readonly first: FirstCounts | null };
  /** Project-relative names that the files will get. */
  readonly names: { readonly folder: string; readonly reference: string };
  /** Absolute path of the Node that the check of people's SQL is started with. */
  readonly node: string;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}
