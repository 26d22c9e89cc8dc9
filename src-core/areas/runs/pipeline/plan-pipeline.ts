import path from "node:path";
import type { z } from "zod";
import type { planSchema } from "../../../contract/runs.ts";
import type { Core } from "../../../foundation/context.ts";
import type { DryRunNeeds, RunsCore } from "../needs.ts";
import { type ResultName, readResults, resultNames } from "../record/record.ts";
import { newestRun, resumableRun } from "../store.ts";
import type { RunRequest } from "./request.ts";

export type RunPlan = z.output<typeof planSchema>;

/** What `run` would do: which stages run, which are already there, and whether it resumes. Changes nothing. */
export async function planOf(
  core: Pick<RunsCore, "catalogue" | "configs">,
  { isSplitThere }: DryRunNeeds,
  { request, isNew }: { readonly request: RunRequest; readonly isNew: boolean },
): Promise<RunPlan> {
  await core.configs.checkFrozen(request.configs);
  const resumed = isNew ? undefined : resumableRun(core.catalogue(), request.fingerprint);
  const results = resumed === undefined ? {} : readResults(path.join(request.project.paths.runs, resumed.runId));
  const isKnown = (name: ResultName) => results[name] !== undefined;
  const isThere = !isKnown("split") && (await isSplitThere(request));
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
        ? { stage: "start", action: "run", reason: `a new MLflow run${equalRun(core, request)}` }
        : {
            stage: "start",
            action: "already there",
            reason: `run #${resumed.number} stopped in ${resumed.stage ?? "start"} and is resumed`,
          },
      ...resultNames.map((stage) => {
        if (isKnown(stage))
          return { stage, action: "already there" as const, reason: "finished before the run stopped" };
        if (stage === "split" && isThere)
          return {
            stage,
            action: "already there" as const,
            reason: "whole and of this table: verified, not made anew",
          };
        return { stage, action: "run" as const, reason: resumed === undefined ? work[stage] : "not finished" };
      }),
    ],
  };
}

/** What a new run does in a stage, whatever runs before it did. */
const work: Readonly<Record<ResultName, string>> = {
  split: "train set, reference test and optional tests are made and checked",
  version: "what changed is versioned",
  train: "a model is trained",
  evaluate: "the model is scored on every test",
  decide: "it is compared with production",
};

/** An equal request may have come to its end already: another run repeats it. */
function equalRun(core: Pick<Core, "catalogue">, { fingerprint }: RunRequest): string {
  const run = newestRun(core.catalogue(), fingerprint);
  if (run?.status !== "FINISHED") return "";
  return `; run #${run.number} of the same request has finished${run.verdict === null ? "" : ` (${run.verdict})`}`;
}
