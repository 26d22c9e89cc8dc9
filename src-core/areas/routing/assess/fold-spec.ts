import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import { parseDurationMs } from "../../../contract/duration.ts";
import type { FoldSpec } from "../../../contract/trainer/assess-tasks.ts";

const maxFolds = 5;

/** How a view's train rows are divided into folds: by whole groups and forward in time, like the split itself. */
export function foldSpecOf(split: SplitSchema, primaryKey: readonly string[]): FoldSpec {
  const base = { embargo_ms: 0, key: primaryKey, strata: [], salt: split.salt, max: maxFolds, time: null, group: [] };
  const embargoOf = (embargo: string | undefined) => (embargo === undefined ? 0 : parseDurationMs(embargo));
  switch (split.strategy) {
    case "geographic":
    case "group_hash":
      return { ...base, strategy: "group", group: split.group };
    case "temporal":
      return { ...base, strategy: "time", time: split.column, embargo_ms: embargoOf(split.embargo) };
    case "group_temporal":
      return {
        ...base,
        strategy: "group_time",
        group: split.group,
        time: split.column,
        embargo_ms: embargoOf(split.embargo),
      };
    case "stratified_hash":
      return { ...base, strategy: "key", strata: split.strata };
  }
}
