import path from "node:path";
import { pathToFileURL } from "node:url";
import { AppError } from "../../contract/errors.ts";
import { artifactCalls } from "./artifacts/artifacts.ts";
import type { MlflowClient } from "./client.ts";
import { experimentCalls } from "./experiments.ts";
import type { Http } from "./http/http.ts";
import { registryModelCalls } from "./registry/registry-models.ts";
import { registryVersionCalls } from "./registry/registry-versions.ts";
import { runLogCalls } from "./run-log.ts";
import { runCalls } from "./runs.ts";

/**
 * Makes a client without a server, for a reproduction that no experiment should show: the same code writes artifacts to a local folder,
 * metrics and tags are ignored, and every other call is refused.
 * @param folder absolute path; the artifacts of a run are in `<folder>/<run_id>`
 */
export function folderClient(folder: string): MlflowClient {
  const http = noServer(folder);
  const runs = runCalls(http);
  const getRun: MlflowClient["getRun"] = async (runId) => ({
    runId,
    name: "",
    experimentId: "",
    status: "RUNNING",
    startTimeMs: 0,
    endTimeMs: null,
    artifactUri: pathToFileURL(path.join(folder, runId)).href,
    isDeleted: false,
    params: {},
    tags: {},
    metrics: {},
    points: [],
  });
  const client: MlflowClient = {
    uri: http.uri,
    forClosing: () => client,
    runUrl: () => http.uri,
    close: () => undefined,
    ...experimentCalls(http),
    ...runs,
    getRun,
    ...runLogCalls(http),
    logBatch: async () => undefined,
    setTags: async () => undefined,
    ...artifactCalls(http, getRun),
    ...registryModelCalls(http),
    ...registryVersionCalls(http),
  };
  return client;
}

function noServer(folder: string): Http {
  const refuse = async ({ doing }: { readonly doing: string }): Promise<never> => {
    throw new AppError({
      code: "tracking/rejected",
      message: `Can't ${doing}: a reproduction in a scratch folder has no server.`,
    });
  };
  return {
    uri: pathToFileURL(folder).href,
    attempts: 1,
    json: refuse,
    send: refuse,
    text: refuse,
    download: refuse,
    pause: async () => undefined,
    close: () => undefined,
  };
}
