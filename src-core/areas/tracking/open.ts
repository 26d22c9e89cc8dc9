import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/operation.ts";
import type { Core, Tracking } from "../../foundation/context.ts";
import { createMlflowClient } from "../../foundation/mlflow/client.ts";
import { ensureServer } from "../../foundation/mlflow/server/server.ts";
import { liveServer, serverUri } from "../../foundation/mlflow/server/server-record.ts";
import { chooseServer, type ServerChoice } from "./choose-server.ts";

export interface OpenOptions {
  /** The server a face was told to use. */
  readonly flag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Starts no server and doesn't wait for a slow one. */
  readonly isOnlyAsked?: boolean;
  readonly report?: ((progress: Progress) => void) | undefined;
}

export function choiceOf(core: Pick<Core, "env" | "project">, flag?: string): ServerChoice {
  const { config } = core.project();
  return chooseServer({ flag, variable: core.env.MLFLOW_TRACKING_URI, configured: config.tracking?.uri });
}

/**
 * The project's tracking server; starts the managed one where that is what it uses. A server of someone else is asked for its
 * version, so that a wrong address stops here and not in the middle of a run.
 * @throws tracking/*, and environment/* where the managed server needs an environment that can't be made
 */
export async function openTracking(
  core: Pick<Core, "env" | "project" | "python">,
  options: OpenOptions = {},
): Promise<Tracking> {
  const { signal, report } = options;
  const choice = choiceOf(core, options.flag);
  if (options.isOnlyAsked) return askedOnly(core, choice);
  if (choice.uri === null) {
    const { uri } = await ensureServer({
      folder: core.project().paths.mlflow,
      python: async () => (await core.python([], report)).python,
      env: core.env,
      signal,
      report,
    });
    return { client: createMlflowClient({ uri, signal }), uri, source: choice.source };
  }
  const client = createMlflowClient({ uri: choice.uri, env: core.env, signal });
  await client.version();
  return { client, uri: client.uri, source: choice.source };
}

function askedOnly(core: Pick<Core, "env" | "project">, choice: ServerChoice): Tracking {
  const record = choice.uri === null ? liveServer(core.project().paths.mlflow) : undefined;
  const uri = choice.uri ?? (record === undefined ? undefined : serverUri(record));
  if (uri === undefined) {
    throw new AppError({
      code: "tracking/unreachable",
      message: "The project's MLflow server is not running.",
      next: [nextStep("mlflow.start", {}, "starts it")],
    });
  }
  const client = createMlflowClient({ uri, env: core.env, attempts: 1, timeoutMs: 3_000 });
  return { client, uri: client.uri, source: choice.source };
}
