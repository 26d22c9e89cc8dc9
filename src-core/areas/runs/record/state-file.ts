import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { AppError, type EncodedError, isErrorCode } from "../../../contract/errors.ts";
import { stageNameSchema } from "../../../contract/runs/stage-results.ts";
import { runStatusSchema } from "../../../contract/runs.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import { getRun, stagesOf } from "../store.ts";

/**
 * `state.json` in a run's folder: how the run stands and when its stages began and ended, as the catalogue has it. It is what a deleted
 * catalogue is rebuilt from; nothing else reads it.
 */

const errorSchema = z
  .looseObject({ code: z.string(), message: z.string() })
  .transform((it): EncodedError | null => (isErrorCode(it.code) ? { ...it, code: it.code } : null));

const stateSchema = z.object({
  schema: z.literal(1),
  status: runStatusSchema,
  isResumable: z.boolean(),
  stage: z.string().nullable(),
  endedAt: z.number().nullable(),
  error: errorSchema.nullable(),
  stages: z.array(
    z.object({
      stage: stageNameSchema,
      state: z.enum(["running", "finished", "failed", "cancelled"]),
      startedAt: z.number(),
      endedAt: z.number().nullable(),
      error: errorSchema.nullable(),
    }),
  ),
});
export type RunState = z.output<typeof stateSchema>;

const stateFile = (runDir: string): string => path.join(runDir, "state.json");

/**
 * Writes down what the catalogue says of a run; to be called behind every change of its row or its stages. Where it can't be written (a full
 * disk) the run goes on or ends as it would: the catalogue has it, and the stages' own results count more than this file.
 */
export function keepState(reader: CatalogueReader, runDir: string): void {
  const runId = path.basename(runDir);
  const run = getRun(reader, runId);
  if (run === undefined || !existsSync(runDir)) return;
  const { status, isResumable, stage, endedAt, error } = run;
  const state: RunState = {
    schema: 1,
    status,
    isResumable,
    stage,
    endedAt,
    error,
    stages: [...stagesOf(reader, runId)],
  };
  try {
    writeJsonDurable(stateFile(runDir), state);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

/** Null where there is none, or none that can be read: the results in the folder then say what there is to say. */
export function readState(runDir: string): RunState | null {
  if (!existsSync(stateFile(runDir))) return null;
  try {
    return stateSchema.safeParse(JSON.parse(readFileSync(stateFile(runDir), "utf8"))).data ?? null;
  } catch {
    return null;
  }
}
