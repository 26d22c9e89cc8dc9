import { AppError } from "../../../contract/errors.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";

/**
 * Requires that the registry's version is the model that the ledger knows under this number: a server that was restored, reset or replaced
 * counts anew, and its version 3 may be another model. To be called before production is moved to the version.
 * @throws promotion/other-model
 */
export async function checkVersionOfRun(
  client: Pick<MlflowClient, "getModelVersion" | "uri">,
  { modelName, version, runId }: { readonly modelName: string; readonly version: string; readonly runId: string },
): Promise<void> {
  const found = await client.getModelVersion(modelName, version);
  if (found?.runId === runId) return;
  const has =
    found === undefined ? "doesn't have it" : `has the model of run ${found.runId.slice(0, 8)} under that number`;
  throw new AppError({
    code: "promotion/other-model",
    message: `Version ${version} of ${modelName} is the model of run ${runId.slice(0, 8)} in the ledger, but ${client.uri} ${has}. Nothing was moved.`,
    hint: "The server was restored, reset or replaced since. Choose the one that has this model (--tracking-uri), or train and decide again.",
    details: { modelName, version, runId, found: found?.runId ?? null },
  });
}
