import path from "node:path";
import type * as z from "zod";
import { nextStep } from "../../../contract/build-step.ts";
import { commandLines } from "../../../contract/command-text.ts";
import { versionFields } from "../../../contract/configs/config-kinds.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { OperationInput } from "../../../contract/index.ts";
import type { ResultName } from "../../../contract/runs/stage-results.ts";
import type { planSchema } from "../../../contract/runs.ts";
import type { Core } from "../../../foundation/context.ts";
import { isServerFailure } from "../../outbox/due.ts";
import type { RunsCore } from "../needs.ts";
import { readResults } from "../record/record.ts";
import { stageRecord, stagesOf } from "../stages/pipelines.ts";
import { newestRun, resumableRun } from "../store.ts";
import type { RunRequest } from "./request.ts";

export type RunPlan = z.output<typeof planSchema>;

/**
 * Plans what `run` would do: which stages run, which are already finished, and whether it resumes. Changes nothing, and starts no server.
 * @throws projects/foreign, ledger/other-head if the server responds and a run would be refused
 */
export async function planOf(
  core: Pick<RunsCore, "catalogue" | "configs" | "ownership" | "splits" | "tracking">,
  request: RunRequest,
  asked: OperationInput<"runs.start">,
): Promise<RunPlan> {
  await core.configs.checkFrozen(request.configs);
  await checkIfUp(core, request, asked.trackingUri);
  // Imported late, because it loads the declarations of every area.
  const { declaredForm } = await import("../../../contract/declared-forms.ts");
  const actions = [nextStep("runs.start", { ...requestOf(asked) }, "executes it")];
  const resumed = asked.new === true ? undefined : resumableRun(core.catalogue(), request.fingerprint);
  const results = resumed === undefined ? {} : readResults(path.join(request.project.paths.runs, resumed.runId));
  const isKnown = (name: ResultName) => results[name] !== undefined;
  const isThere = !isKnown("split") && (await core.splits.isMade(request.configs));
  return {
    isDryRun: true,
    ...versionFields(request.versions),
    fingerprint: request.fingerprint,
    resumes: resumed?.runId ?? null,
    stages: [
      { stage: "resolve", action: "run", reason: "the configuration is always read again" },
      resumed === undefined
        ? { stage: "start", action: "run", reason: `a new MLflow run${equalRun(core, request)}` }
        : {
            stage: "start",
            action: "already there",
            reason: `run #${resumed.number} stopped in ${resumed.stage ?? "start"} and is resumed`,
          },
      ...stagesOf(request.project.config).map((stage) => {
        if (isKnown(stage))
          return { stage, action: "already there" as const, reason: "finished before the run stopped" };
        if (stage === "split" && isThere)
          return {
            stage,
            action: "already there" as const,
            reason: "complete and from this table: verified, not made again",
          };
        return {
          stage,
          action: "run" as const,
          reason: resumed === undefined ? stageRecord(stage).work : "not finished",
        };
      }),
    ],
    actions,
    nextSteps: [...commandLines(actions, declaredForm)],
  };
}

/** The request without the dry run, and without what is the default. */
function requestOf({
  set = {},
  seed,
  new: isNew,
  promote,
  push,
}: OperationInput<"runs.start">): OperationInput<"runs.start"> {
  return {
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(seed === undefined ? {} : { seed }),
    ...(isNew === true ? { new: true } : {}),
    ...(promote === false ? { promote: false } : {}),
    ...(push === true ? { push: true } : {}),
  };
}

async function checkIfUp(
  core: Pick<RunsCore, "ownership" | "tracking">,
  { project }: RunRequest,
  flag: string | undefined,
): Promise<void> {
  try {
    await core.ownership.check(await core.tracking({ isOnlyAsked: true, flag }), [project]);
  } catch (error) {
    // A dry run needs no server; the run itself says what is wrong with it.
    if (!isServerFailure(toAppError(error).code)) throw error;
  }
}

/** Mentions an equal request that has already finished, because a new run repeats it. */
function equalRun(core: Pick<Core, "catalogue">, { fingerprint }: RunRequest): string {
  const run = newestRun(core.catalogue(), fingerprint);
  if (run?.status !== "FINISHED") return "";
  return `; run #${run.number} of the same request is finished${run.verdict === null ? "" : ` (${run.verdict})`}`;
}
