import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Tracking, TrainedModel } from "../../foundation/context.ts";
import { modelDigestTag, registerModelVersion } from "../../foundation/mlflow/registry/registry-promotion.ts";
import type { TrackingCore } from "./needs.ts";
import { putModel } from "./store.ts";
import { trainingOf } from "./training-record.ts";

/** The tag of a version with the type of its estimator. */
export const modelTypeTag = "signalbox.model_type";

export interface RegisteredRun {
  readonly name: string;
  readonly version: string;
  readonly runId: string;
  readonly isNew: boolean;
}

/**
 * Registers the model of a run once, under the name of the project's model, and records it in the catalogue.
 * @throws models/not-found if the run has no uploaded model; projects/foreign, ledger/other-head
 */
export async function registerRun(
  core: Pick<TrackingCore, "catalogue" | "clock" | "ownership" | "project" | "runs">,
  tracking: Tracking,
  runId: string,
): Promise<RegisteredRun> {
  const { client } = tracking;
  const { paths } = core.project();
  const training = trainingOf(paths, runId);
  const run = await client.getRun(runId);
  await core.ownership.checkRun(tracking, run);
  const digest = training?.modelDigest ?? run.tags[modelDigestTag];
  const files = await client.listArtifacts({ runId, artifactPath: "model" });
  if (digest === undefined || !files.some((file) => file.path === "model/MLmodel")) {
    throw new AppError({
      code: "models/not-found",
      message: `The run ${runId} has no model to register: ${digest === undefined ? "its training isn't finished" : "its upload isn't complete"}.`,
      next: [nextStep("runs.resume", { run: runId }, "finishes the run")],
      details: { runId },
    });
  }
  const { experiment, registeredModel: name } = core.runs.planRun(runId) ?? core.project();
  return await registerTrained(core, tracking, { name, experiment, runId, digest, modelType: training?.modelType });
}

/**
 * Registers an uploaded model whose digest is known. The model of a run gets only one version, however often this is called.
 * @throws projects/foreign, ledger/other-head
 */
export async function registerTrained(
  core: Pick<TrackingCore, "catalogue" | "clock" | "ownership">,
  tracking: Tracking,
  model: TrainedModel,
): Promise<RegisteredRun> {
  const { name, experiment, runId, digest, modelType } = model;
  await core.ownership.claimModel(tracking, { experiment, registeredModel: name });
  const type = modelType === undefined ? {} : { [modelTypeTag]: modelType };
  const { version, isNew } = await registerModelVersion({
    client: tracking.client,
    runId,
    modelName: name,
    digest,
    tags: { ...type, ...model.tags },
  });
  const registeredAt = core.clock.now().getTime();
  core.catalogue().write((writer) => putModel(writer, { name, version, runId, digest, registeredAt }));
  return { name, version, runId, isNew };
}
