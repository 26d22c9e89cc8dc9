import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { askingStep } from "../../../contract/build-step.ts";
import { byKind, versionKeyOf } from "../../../contract/configs/config-kinds.ts";
import { AppError } from "../../../contract/errors.ts";
import { planRunSchema } from "../../../contract/routing/plan-run.ts";
import {
  type ResultName,
  resultNames,
  type StageResults,
  stageResultSchemas,
} from "../../../contract/runs/stage-results.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";

/** Files in the folder of a run: `run.json` (its identity) and `stages/<stage>.json` (the result of each finished stage). */

export const runRecordSchema = z.object({
  schema: z.literal(1),
  runId: z.string(),
  number: z.number(),
  name: z.string(),
  experiment: z.string(),
  experimentId: z.string(),
  /** The request id with which the run was created in MLflow. */
  requestId: z.string().nullable(),
  trackingUri: z.string(),
  fingerprint: z.string(),
  versions: z.object(byKind(versionKeyOf, () => z.number())),
  seed: z.number(),
  startedAt: z.number(),
  /** A random word for its start and for each resumption, oldest first. MLflow has the last one, so a copy of the project knows what it missed. */
  attempts: z.array(z.string()),
  /** When it was last resumed, if it ever stopped. */
  reopenedAt: z.number().optional(),
  params: z.record(z.string(), z.string()),
  /** Job of a training plan that the run executes. */
  planRun: planRunSchema.optional(),
});
export type RunRecord = z.output<typeof runRecordSchema>;

/** Reads a file; undefined if it doesn't exist. A damaged file is an error. */
function readRecord<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new AppError({
      code: "runs/interrupted",
      message: `${file} isn't a valid record of a run.`,
      hint: "Remove the file, so that its stage runs again.",
      next: [askingStep("runs.resume", { input: {}, asks: ["run"] }, "runs the stage")],
      details: { file },
      cause: error,
    });
  }
}

export function readRun(runDir: string): RunRecord | undefined {
  return readRecord(path.join(runDir, "run.json"), runRecordSchema);
}

export function writeRun(runDir: string, record: RunRecord): void {
  writeJsonDurable(path.join(runDir, "run.json"), record);
}

const stageFile = (runDir: string, stage: ResultName): string => path.join(runDir, "stages", `${stage}.json`);

export function readResults(runDir: string): Partial<StageResults> {
  const results: Partial<Record<ResultName, unknown>> = {};
  for (const name of resultNames) {
    const result = readRecord<unknown>(stageFile(runDir, name), stageResultSchemas[name]);
    if (result === undefined) break;
    results[name] = result;
  }
  // Each value was parsed by the schema of its name.
  return results as Partial<StageResults>;
}

export function writeResult<Name extends ResultName>(runDir: string, stage: Name, result: StageResults[Name]): void {
  writeJsonDurable(stageFile(runDir, stage), result);
}

/** Removes the results of a stage and of those after it, so that they run again. */
export function dropResultsFrom(runDir: string, stage: ResultName): void {
  for (const name of resultNames.slice(resultNames.indexOf(stage))) rmSync(stageFile(runDir, name), { force: true });
}

export function runFolders(runs: string): readonly string[] {
  return existsSync(runs) ? readdirSync(runs).filter((name) => existsSync(path.join(runs, name, "run.json"))) : [];
}
