import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type TrainResult, trainResultSchema } from "../../contract/runs/stage-results.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";

/** What the training of a run of this project left; undefined for a run that didn't train here, or was removed. */
export function trainingOf(paths: ProjectPaths, runId: string): TrainResult | undefined {
  const file = path.join(paths.runs, path.basename(runId), "stages", "train.json");
  if (!existsSync(file)) return undefined;
  const parsed = trainResultSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return parsed.success ? parsed.data : undefined;
}
