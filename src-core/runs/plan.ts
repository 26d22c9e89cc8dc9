import path from "node:path";
import type { z } from "zod";
import type { Core } from "../context.ts";
import type { planSchema } from "../contract/runs.ts";
import { readResults, resultNames } from "./record.ts";
import type { RunRequest } from "./request.ts";
import { resumableRun } from "./store.ts";

export type RunPlan = z.output<typeof planSchema>;

/** What `run` would do: which stages run, which are already there, and whether it resumes. Changes nothing. */
export async function planOf(core: Core, request: RunRequest, isNew: boolean): Promise<RunPlan> {
  await core.configs.checkFrozen(request.configs);
  const resumed = isNew ? undefined : resumableRun(core.catalogue(), request.fingerprint);
  const results = resumed === undefined ? {} : readResults(path.join(request.project.paths.runs, resumed.runId));
  const isKnown = (name: (typeof resultNames)[number]) => results[name] !== undefined;
  return {
    isDryRun: true,
    splitVersion: request.versions.split_version,
    featureVersion: request.versions.feature_version,
    modelVersion: request.versions.model_version,
    dataContractVersion: request.versions.data_contract_version,
    fingerprint: request.fingerprint,
    resumes: resumed?.runId ?? null,
    stages: [
      { stage: "resolve", action: "run", reason: "configuration is read anew" },
      resumed === undefined
        ? { stage: "start", action: "run", reason: "a new MLflow run" }
        : {
            stage: "start",
            action: "already there",
            reason: `run #${resumed.number} stopped in ${resumed.stage ?? "start"} and is resumed`,
          },
      ...resultNames.map((stage) =>
        isKnown(stage)
          ? { stage, action: "already there" as const, reason: "finished before the run stopped" }
          : { stage, action: "run" as const, reason: resumed === undefined ? "not run yet" : "not finished" },
      ),
    ],
  };
}
