import { askingStep, nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { ModelVersionView } from "../../contract/tracking.ts";
import type { MlflowClient } from "../../foundation/mlflow/client.ts";
import type { MlflowModelVersion, MlflowRegisteredModel } from "../../foundation/mlflow/http/schemas.ts";
import {
  latestVersion,
  modelDigestTag,
  productionAlias,
  stageTag,
} from "../../foundation/mlflow/registry/registry-promotion.ts";

export interface ModelSummary {
  readonly name: string;
  readonly latest: string | null;
  readonly versions: number;
  readonly aliases: Record<string, string>;
}

export async function listModels(client: MlflowClient): Promise<ModelSummary[]> {
  const summaries: ModelSummary[] = [];
  for (const model of await client.listRegisteredModels()) {
    const versions = await client.searchModelVersions(model.name);
    summaries.push({
      name: model.name,
      latest: latestVersion(versions)?.version ?? null,
      versions: versions.length,
      aliases: { ...model.aliases },
    });
  }
  return summaries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws models/not-found */
export async function modelNamed(client: MlflowClient, name: string): Promise<MlflowRegisteredModel> {
  const model = await client.getRegisteredModel(name);
  if (model !== undefined) return model;
  throw new AppError({
    code: "models/not-found",
    message: `There is no registered model '${name}'.`,
    next: [nextStep("models.list", {}, "lists the models")],
    details: { name },
  });
}

/**
 * Finds a version of a model: the requested one, or the highest.
 * @throws models/not-found
 */
export async function versionNamed(
  client: MlflowClient,
  name: string,
  version: string | undefined,
): Promise<MlflowModelVersion> {
  await modelNamed(client, name);
  const versions = await client.searchModelVersions(name);
  const found = version === undefined ? latestVersion(versions) : versions.find((it) => it.version === version);
  if (found !== undefined) return found;
  const known = versions.map((it) => it.version).join(", ");
  throw new AppError({
    code: "models/not-found",
    message: `The model '${name}' has no ${version === undefined ? "version yet" : `version ${version}`}.`,
    ...(known === ""
      ? { next: [askingStep("models.register", { input: {}, asks: ["run"] }, "registers one")] }
      : { hint: `It has the versions ${known}.` }),
    details: { name, version },
  });
}

/**
 * Finds the version to verify: the requested one, else production, else the highest.
 * @throws models/not-found
 */
export async function versionToVerify(
  client: MlflowClient,
  name: string,
  version: string | undefined,
): Promise<{ readonly found: MlflowModelVersion; readonly chosenAs: "named" | "production" | "highest" }> {
  if (version !== undefined) return { found: await versionNamed(client, name, version), chosenAs: "named" };
  const production = (await modelNamed(client, name)).aliases[productionAlias];
  const chosenAs = production === undefined ? "highest" : "production";
  return { found: await versionNamed(client, name, production), chosenAs };
}

export function versionView(version: MlflowModelVersion, model: MlflowRegisteredModel): ModelVersionView {
  const aliases = Object.entries(model.aliases).filter(([, target]) => target === version.version);
  return {
    name: version.name,
    version: version.version,
    runId: version.runId,
    status: version.status,
    stage: version.tags[stageTag] ?? (version.stage === "None" ? null : version.stage),
    aliases: aliases.map(([alias]) => alias),
    digest: version.tags[modelDigestTag] ?? null,
    source: version.source,
    createdAt: new Date(version.createdAtMs).toISOString(),
    tags: { ...version.tags },
  };
}
