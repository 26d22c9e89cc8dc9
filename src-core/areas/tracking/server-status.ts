import { toAppError } from "../../contract/errors.ts";
import type { ServerStatus } from "../../contract/tracking.ts";
import type { Core } from "../../foundation/context.ts";
import { createMlflowClient, type MlflowClient } from "../../foundation/mlflow/client.ts";
import { liveServer, serverLogFile, serverUri } from "../../foundation/mlflow/server/server-record.ts";
import type { ServerChoice } from "./choose-server.ts";

/** Checks the server without starting it or waiting long for it. */
export async function serverStatus(core: Pick<Core, "env" | "project">, choice: ServerChoice): Promise<ServerStatus> {
  return choice.uri === null ? await managedStatus(core) : await givenStatus(core, { ...choice, uri: choice.uri });
}

async function managedStatus(core: Pick<Core, "project">): Promise<ServerStatus> {
  const folder = core.project().paths.mlflow;
  const base = { source: "managed" as const, folder, log: serverLogFile(folder) };
  const record = liveServer(folder);
  if (record === undefined) {
    return { ...base, uri: null, isRunning: false, version: null, pid: null, startedAt: null, problem: null };
  }
  const uri = serverUri(record);
  return {
    ...base,
    uri,
    isRunning: true,
    pid: record.identity.pid,
    startedAt: new Date(record.startedAt).toISOString(),
    ...(await versionOf(createMlflowClient({ uri, attempts: 1, timeoutMs: 5_000 }))),
  };
}

async function givenStatus(
  core: Pick<Core, "env">,
  choice: { readonly source: ServerChoice["source"]; readonly uri: string },
) {
  const base = { source: choice.source, folder: null, log: null, pid: null, startedAt: null };
  try {
    const client = createMlflowClient({ uri: choice.uri, env: core.env, attempts: 2, timeoutMs: 5_000 });
    const answer = await versionOf(client);
    return { ...base, uri: client.uri, isRunning: answer.version !== null, ...answer };
  } catch (error) {
    return { ...base, uri: choice.uri, isRunning: false, version: null, problem: toAppError(error).message };
  }
}

async function versionOf(client: MlflowClient): Promise<{ version: string | null; problem: string | null }> {
  try {
    return { version: await client.version(), problem: null };
  } catch (error) {
    return { version: null, problem: toAppError(error).message };
  } finally {
    client.close();
  }
}
