import path from "node:path";
import { type Runner, selfTimed } from "./bench.ts";
import { benchFolder } from "./split-table.ts";

const child = path.join(import.meta.dirname, "split-child.ts");

export function splitRunner(
  name: string,
  mode: "copy" | "split" | "stage",
  args: { readonly table: string; readonly limitBytes?: number | "unlimited" },
): Runner {
  const limit = args.limitBytes === undefined ? [] : [String(args.limitBytes)];
  return { name, once: () => selfTimed(process.execPath, [child, mode, args.table, ...limit]) };
}

/** The obvious script of a data scientist: read, GroupShuffleSplit, write three files. */
const script = `
import sys, time, os
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit
table, out = sys.argv[1], sys.argv[2]
start = time.perf_counter()
frame = pd.read_parquet(table)
train, test = next(GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=42).split(frame, groups=frame["store"]))
reference = frame.iloc[test]
frame.iloc[train].to_parquet(os.path.join(out, "pandas-train.parquet"), index=False)
reference.to_parquet(os.path.join(out, "pandas-reference.parquet"), index=False)
recent = reference[reference["happened_at"] > reference["happened_at"].max() - pd.Timedelta("30d")]
recent.to_parquet(os.path.join(out, "pandas-recent.parquet"), index=False)
elapsed = time.perf_counter() - start
import json
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
print(json.dumps({"seconds": elapsed, "peak_bytes": peak}))
`;

export function pandasRunner(python: string, table: string): Runner {
  return { name: "pandas + scikit-learn", once: () => selfTimed(python, ["-c", script, table, benchFolder]) };
}
