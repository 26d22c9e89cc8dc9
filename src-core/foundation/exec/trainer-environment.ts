import path from "node:path";
import { appRoot } from "../files/entry-points.ts";

/** The variables that every program of the trainer runs under; `threads` for its numerical libraries. */
export function trainerEnvironment(threads: number): Readonly<Record<string, string>> {
  const count = String(threads);
  return {
    PYTHONPATH: path.join(appRoot, "trainer"),
    PYTHONUNBUFFERED: "1",
    // In a Latin-1 locale, names of folders would be read as other characters.
    PYTHONUTF8: "1",
    PYTHONHASHSEED: "0",
    PYTHONNOUSERSITE: "1",
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    // A thread that spins while it waits for another starves that other on a busy machine: fits took eight times as long.
    OMP_WAIT_POLICY: "PASSIVE",
  };
}
