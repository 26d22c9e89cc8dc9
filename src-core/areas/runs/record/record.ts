import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
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

/** What a run's folder keeps: `run.json` (its identity) and `stages/<stage>.json` (each finished stage's result). */

export const runRecordSchema = z.object({
  schema: z.literal(1),
  runId: z.string(),
  number: z.number(),
  name: z.string(),
  experiment: z.string(),
  experimentId: z.string(),
  /** Under which the run was created in MLflow. */
  requestId: z.string().nullable(),
  trackingUri: z.string(),
  fingerprint: z.string(),
  versions: z.object(byKind(versionKeyOf, () => z.number())),
  seed: z.number(),
  startedAt: z.number(),
  /** When it was last gone on with, where it ever stopped. */
  reopenedAt: z.number().optional(),
  params: z.record(z.string(), z.string()),
  /** The job of a training plan that the run executes. */
  planRun: planRunSchema.optional(),
});
export type RunRecord = z.output<typeof runRecordSchema>;

/** A file that a killed process or a person damaged counts as absent only if it isn't there; a broken one is an error. */
function readRecord<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new AppError({
      code: "runs/interrupted",
      message: `${file} is not readable as a run's record.`,
      hint: "Remove that file to have its stage run again.",
      next: [askingStep("runs.resume", { input: {}, asks: ["run"] }, "runs it")],
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
  // Each value was parsed by the schema of its own name.
  return results as Partial<StageResults>;
}

export function writeResult<Name extends ResultName>(runDir: string, stage: Name, result: StageResults[Name]): void {
  writeJsonDurable(stageFile(runDir, stage), result);
}

/** Forgets a stage's result and those after it, so that they run again. */
export function dropResultsFrom(runDir: string, stage: ResultName): void {
  for (const name of resultNames.slice(resultNames.indexOf(stage))) rmSync(stageFile(runDir, name), { force: true });
}

export function runFolders(runs: string): readonly string[] {
  return existsSync(runs) ? readdirSync(runs).filter((name) => existsSync(path.join(runs, name, "run.json"))) : [];
}
