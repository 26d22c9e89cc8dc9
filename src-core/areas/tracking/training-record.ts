import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type TrainResult, trainResultSchema } from "../../contract/runs/stage-results.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";

/** Reads the training result of a run in this project; undefined if it wasn't trained here or was removed. */
export function trainingOf(paths: ProjectPaths, runId: string): TrainResult | undefined {
  const file = path.join(paths.runs, path.basename(runId), "stages", "train.json");
  if (!existsSync(file)) return undefined;
  const parsed = trainResultSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return parsed.success ? parsed.data : undefined;
}
