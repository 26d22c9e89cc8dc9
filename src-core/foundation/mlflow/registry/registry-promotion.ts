import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { MlflowClient } from "../client.ts";
import type { MlflowModelVersion } from "../http/schemas.ts";

/** The steps of a promotion in the registry. Each can be repeated after a lost response without being done twice. */

/** The alias that marks production. */
export const productionAlias = "champion";
/** The tag with the digest of the model's files, on every version that Signalbox registers. */
export const modelDigestTag = "signalbox.model_digest";
/** Replaces the deprecated stage: "production" or "archived". */
export const stageTag = "stage";

interface Registration {
  readonly client: MlflowClient;
  readonly runId: string;
  readonly modelName: string;
  /** The sha256 of the model's files (`modelDigest` of the training result). */
  readonly digest: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Path of the model in the run's artifacts; "model" by default. */
  readonly artifactPath?: string;
}

/** Registers the model of a run once. For the same run and digest, returns the existing version. */
export async function registerModelVersion(
  registration: Registration,
): Promise<{ readonly version: string; readonly isNew: boolean }> {
  const { client, runId, modelName, digest, tags, artifactPath = "model" } = registration;
  const run = await client.getRun(runId);
  await client.ensureRegisteredModel(modelName);
  const { version, isNew } = await client.createModelVersion({
    modelName,
    runId,
    source: `${run.artifactUri}/${artifactPath}`,
    registrationId: `${runId}/${digest.slice(0, 32)}`,
    tags: { ...tags, [modelDigestTag]: digest },
  });
  if (!isNew) {
    for (const [key, value] of Object.entries(tags)) {
      if (version.tags[key] !== value) {
        await client.setModelVersionTag({ modelName, version: version.version }, key, value);
      }
    }
  }
  return { version: version.version, isNew };
}

interface AliasMove {
  readonly client: MlflowClient;
  readonly modelName: string;
  readonly alias: string;
  /** Null removes the alias, as before a first promotion. */
  readonly version: string | null;
}

/**
 * Moves an alias and returns what it pointed to before and after. The registry has no compare-and-set, so the caller must compare `before`
 * with the production of its decision.
 * @throws promotion/alias-moved if it points elsewhere after the move, because it was also moved by someone else
 */
export async function moveAlias(
  move: AliasMove,
): Promise<{ readonly before: string | null; readonly after: string | null }> {
  const { client, modelName, alias, version } = move;
  const read = async () => (await client.getAlias(modelName, alias)) ?? null;
  const before = await read();
  if (before === version) return { before, after: version };
  if (version === null) await client.deleteAlias(modelName, alias);
  else await client.setAlias(modelName, alias, version);
  const after = await read();
  if (after === version) return { before, after };
  throw new AppError({
    code: "promotion/alias-moved",
    message: `'${alias}' of '${modelName}' was set to ${version ?? "nothing"}, but points to ${after ?? "nothing"}: it was moved by someone else at the same time.`,
    hint: "Agree on one version, then decide again.",
    next: [nextStep("promotion.show", {}, "shows the last decision")],
    details: { modelName, alias, before, wanted: version, after },
  });
}

interface Marked {
  readonly client: MlflowClient;
  readonly modelName: string;
  readonly version: string;
  /** Whether MLflow's stages move too. */
  readonly useStages: boolean;
}

/** Moves the alias to a version and marks it, and the one it replaced, by the tag `stage` (and MLflow's stages). */
export async function putIntoProduction(it: Marked & { readonly replaced: string | null }): Promise<void> {
  const { client, modelName, version, useStages, replaced } = it;
  await moveAlias({ client, modelName, alias: productionAlias, version });
  await client.setModelVersionTag({ modelName, version }, stageTag, "production");
  if (useStages) await client.transitionStage({ modelName, version }, "Production");
  if (replaced !== null && replaced !== version)
    await archiveVersion({ client, modelName, version: replaced, useStages });
}

/** Marks a replaced version with the tag `stage=archived`, and with MLflow's stage if the project uses stages. */
export async function archiveVersion(request: {
  readonly client: MlflowClient;
  readonly modelName: string;
  readonly version: string;
  readonly useStages?: boolean;
}): Promise<void> {
  const { client, modelName, version, useStages = false } = request;
  await client.setModelVersionTag({ modelName, version }, stageTag, "archived");
  if (useStages) await client.transitionStage({ modelName, version }, "Archived");
}

export interface Production {
  readonly version: string;
  readonly runId: string;
  /** Digest of the model's files; undefined if another program registered it. */
  readonly digest: string | undefined;
}

/** Finds the version of the production alias; null if there is none yet. */
export async function productionOf(request: {
  readonly client: MlflowClient;
  readonly modelName: string;
  readonly alias?: string;
}): Promise<Production | null> {
  const { client, modelName, alias = productionAlias } = request;
  const version = await client.getAlias(modelName, alias);
  if (version === undefined) return null;
  const found = await client.getModelVersion(modelName, version);
  return found === undefined ? null : { version, runId: found.runId, digest: found.tags[modelDigestTag] };
}

/** Finds the highest version, by number: 10 after 9. */
export function latestVersion(versions: readonly MlflowModelVersion[]): MlflowModelVersion | undefined {
  return versions.toSorted((a, b) => Number(b.version) - Number(a.version))[0];
}
