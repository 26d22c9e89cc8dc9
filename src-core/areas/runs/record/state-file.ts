import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { AppError, type EncodedError, isErrorCode } from "../../../contract/errors.ts";
import { stageNameSchema } from "../../../contract/runs/stage-results.ts";
import { runStatusSchema } from "../../../contract/runs.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import { getRun, stagesOf } from "../store.ts";

/**
 * `state.json` in the folder of a run: the state of the run and the times of its stages, as in the catalogue. It is only read to rebuild a
 * deleted catalogue.
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
 * Writes the state of a run from the catalogue. Call it after every change of its row or its stages. If it can't be written (a full disk), the
 * run isn't affected: the catalogue has the state, and the results of the stages take precedence over this file.
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

/** Reads the file; null if it is missing or unreadable. Then the results in the folder are used. */
export function readState(runDir: string): RunState | null {
  if (!existsSync(stateFile(runDir))) return null;
  try {
    return stateSchema.safeParse(JSON.parse(readFileSync(stateFile(runDir), "utf8"))).data ?? null;
  } catch {
    return null;
  }
}
