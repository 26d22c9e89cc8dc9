import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { PlanMember, PlanRun } from "../../contract/routing/plan-run.ts";
import type { CompositeSpec } from "../../contract/trainer/job-specs.ts";
import type { Member } from "../../contract/trainer/spec-parts.ts";
import type { StageContext, StageCore } from "../../foundation/context.ts";
import type { JobSource } from "../../foundation/exec/place.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import type { MlflowClient } from "../../foundation/mlflow/client.ts";

/** What a composite adds to a training: its part of the specification, and what that names. */
export interface CompositeParts {
  readonly spec: CompositeSpec;
  readonly parts: readonly JobSource[];
}

/** What is read of a stage's context. */
type CompositeContext = Pick<StageContext, "report" | "runId" | "signal"> & {
  readonly planRun?: Pick<PlanRun, "members" | "heldOut" | "family"> | undefined;
  readonly core: Pick<StageCore, "projectDir">;
  readonly tracking: {
    readonly client: {
      readonly downloadFolder: (request: Parameters<MlflowClient["downloadFolder"]>[0]) => Promise<unknown>;
    };
  };
};

/**
 * What the trainer receives beside the input of an ordinary training when the model contains others: a stage-2 model the predictions of stage 1, an
 * ensemble the models it weighs. Weights and the extra feature come from held-out predictions of the train side, never from the reference.
 */
export async function compositeParts(context: CompositeContext): Promise<CompositeParts> {
  const { planRun } = context;
  if (planRun === undefined || planRun.members.length === 0) return { spec: {}, parts: [] };
  const { heldOut, members } = planRun;
  if (heldOut === null) throw changed("held-out predictions", context);
  const oofPath = path.join(context.core.projectDir, heldOut.path);
  if (!existsSync(oofPath) || fileDigest(oofPath) !== heldOut.sha256) throw changed(heldOut.path, context);
  const parts: JobSource[] = [{ path: heldOutInput, from: oofPath, sha256: heldOut.sha256 }];
  const specs: Member[] = [];
  for (const [index, member] of members.entries()) {
    const input = `inputs/members/${index}`;
    parts.push({ path: input, from: await memberModel(context, member), sha256: member.modelDigest });
    specs.push({ model_dir: input, model_type: member.modelType, expected_digest: member.modelDigest });
  }
  const [first] = specs;
  if (planRun.family === null) return { spec: { ensemble: { members: specs, oof_path: heldOutInput } }, parts };
  return { spec: first === undefined ? {} : { stacking: { ...first, oof_path: heldOutInput } }, parts };
}

const heldOutInput = "inputs/held-out.parquet";

/** The folder of a member's model as its own run left it, else fetched back from that run. */
async function memberModel(context: CompositeContext, member: PlanMember): Promise<string> {
  const modelDir = path.join(context.core.projectDir, member.modelDir);
  if (!existsSync(path.join(modelDir, "MLmodel"))) {
    context.report({ message: `fetching the model of run ${member.runId.slice(0, 8)}` });
    await context.tracking.client.downloadFolder({
      runId: member.runId,
      artifactPath: "model",
      into: modelDir,
      signal: context.signal,
    });
  }
  return modelDir;
}

function changed(what: string, context: Pick<StageContext, "runId">): AppError {
  return new AppError({
    code: "training/preflight",
    message: `${what} of run ${context.runId.slice(0, 8)} is missing or no longer what the plan's queue wrote.`,
    next: [nextStep("routing.train", { fresh: true }, "rebuilds it")],
  });
}
