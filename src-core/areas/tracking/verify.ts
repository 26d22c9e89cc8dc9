import { rmSync } from "node:fs";
import path from "node:path";
import { counted } from "../../../src-view/numbers.ts";
import { AppError, isCancelled, toAppError } from "../../contract/errors.ts";
import type { OperationContext } from "../../contract/operation.ts";
import type { VerifyCheck } from "../../contract/tracking.ts";
import type { Core, Tracking } from "../../foundation/context.ts";
import { makeScratch } from "../../foundation/files/scratch.ts";
import { isNotFound } from "../../foundation/mlflow/http/answer-errors.ts";
import type { MlflowModelVersion, MlflowRun } from "../../foundation/mlflow/http/schemas.ts";
import { modelDigestOf } from "../../foundation/mlflow/model-digest.ts";
import { modelDigestTag } from "../../foundation/mlflow/registry/registry-promotion.ts";
import { modelGroups } from "../configs/check/model-types.ts";
import { type CheckedModel, checkModel } from "./check-model.ts";
import { modelTypeTag } from "./register.ts";
import { trainingOf } from "./training-record.ts";
import { judgeVersion, type VersionEvidence } from "./verify-judge.ts";

export interface Verification {
  readonly digest: string;
  readonly checks: VerifyCheck[];
}

interface VerifyRequest {
  readonly version: MlflowModelVersion;
  /** Whether to load it even if no run of this project made it. */
  readonly trust: boolean;
}

/**
 * Verifies a version and returns the checks.
 * @throws models/verification-failed with every failure and its code
 */
export async function verifyVersion(
  core: Pick<Core, "env" | "project" | "python">,
  tracking: Tracking,
  request: VerifyRequest & OperationContext,
): Promise<Verification> {
  const { version } = request;
  const evidence = await gather(core, tracking, request);
  const checks = judgeVersion(evidence);
  const failures = checks.filter((check) => !check.isPassed);
  if (failures.length === 0) return { digest: evidence.digest ?? "", checks };
  throw new AppError({
    code: "models/verification-failed",
    message: `Version ${version.version} of '${version.name}' failed ${failures.length} of ${counted(checks.length, "check")}.`,
    hint: `Don't promote it. Its run is ${version.runId || "unknown"}.`,
    details: { findings: failures.map((check) => `${check.code}: ${check.message}`), checks },
  });
}

async function gather(
  core: Pick<Core, "env" | "project" | "python">,
  { client }: Tracking,
  request: VerifyRequest & OperationContext,
): Promise<VersionEvidence> {
  const { version, signal, report } = request;
  const run = await orUndefined<MlflowRun>(() => client.getRun(version.runId));
  const training = trainingOf(core.project().paths, version.runId);
  const expectedDigest = training?.modelDigest ?? version.tags[modelDigestTag] ?? null;
  const modelType = training?.modelType ?? version.tags[modelTypeTag];
  const base = {
    version,
    run,
    expectedDigest,
    sourceError: undefined,
    files: [],
    digest: undefined,
    loaded: undefined,
  };
  if (run === undefined) return { ...base, loadError: "its source run doesn't exist" };

  const scratch = makeScratch("signalbox-verify-");
  try {
    const artifactPath = artifactPathOf(version, run);
    if (artifactPath === undefined) {
      return {
        ...base,
        sourceError: `its source ${version.source} isn't in the artifacts of its run`,
        loadError: "not tried",
      };
    }
    const modelDir = path.join(scratch, "model");
    report({ stage: "download", message: "fetching the model" });
    const fetched = await orUndefined(() =>
      client.downloadFolder({ runId: run.runId, artifactPath, into: modelDir, signal }),
    );
    if (fetched === undefined) return { ...base, loadError: "it has no files" };
    const files = (await client.listArtifacts({ runId: run.runId, artifactPath })).map((file) =>
      file.path.slice(artifactPath.length + 1),
    );
    const digest = modelDigestOf(modelDir);
    const known = { ...base, files, digest };
    if (modelType === undefined && !request.trust)
      return { ...known, loadError: "its model type is unknown, because another program registered it" };
    // A changed model isn't loaded, because loading executes its code.
    if (digest !== expectedDigest && !request.trust)
      return { ...known, loadError: "its files aren't from a run of this project" };
    report({ stage: "load", message: "loading the model in a child process" });
    const { python } = await core.python(modelGroups(modelType ?? ""), report);
    return { ...known, ...(await load()) };

    async function load(): Promise<{ loaded?: CheckedModel; loadError: string | undefined }> {
      try {
        const loaded = await checkModel({
          scratch,
          modelDir,
          modelType: modelType ?? "unknown",
          expectedDigest: request.trust ? null : expectedDigest,
          explicitTrust: request.trust,
          python,
          env: core.env,
          signal,
        });
        return { loaded, loadError: undefined };
      } catch (error) {
        if (isCancelled(error)) throw error;
        return { loadError: toAppError(error).message };
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Finds the version's model in the artifacts of its run; undefined if its source is elsewhere. */
function artifactPathOf(version: MlflowModelVersion, run: MlflowRun): string | undefined {
  const roots = [`${run.artifactUri}/`, `runs:/${run.runId}/`];
  const root = roots.find((it) => version.source.startsWith(it));
  const found = root === undefined ? "" : version.source.slice(root.length).replace(/\/+$/, "");
  return found === "" ? undefined : found;
}

async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
