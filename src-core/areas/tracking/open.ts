import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/operation.ts";
import type { Core, Tracking } from "../../foundation/context.ts";
import { createMlflowClient } from "../../foundation/mlflow/client.ts";
import { ensureServer } from "../../foundation/mlflow/server/server.ts";
import { liveServer, serverUri } from "../../foundation/mlflow/server/server-record.ts";
import { chooseServer, type ServerChoice } from "./choose-server.ts";

export interface OpenOptions {
  /** The server from the command line of the face. */
  readonly flag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether to start no server and not to wait for a slow one. */
  readonly isOnlyAsked?: boolean;
  readonly report?: ((progress: Progress) => void) | undefined;
}

export function choiceOf(core: Pick<Core, "env" | "project">, flag?: string): ServerChoice {
  const { config } = core.project();
  return chooseServer({ flag, variable: core.env.MLFLOW_TRACKING_URI, configured: config.tracking?.uri });
}

/**
 * Opens the tracking server of the project, and starts it if it is the managed one. Requests the version of any other server, so that a wrong
 * address fails here and not in the middle of a run.
 * @throws tracking/*, and environment/* if the managed server needs an environment that can't be built
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
