import { type ArtifactCalls, artifactCalls } from "./artifacts/artifacts.ts";
import { type ExperimentCalls, experimentCalls } from "./experiments.ts";
import { parseAddress } from "./http/address.ts";
import { type Http, isSecure, openHttp } from "./http/http.ts";
import { trustOf } from "./http/trust.ts";
import { withLongValues } from "./long-values.ts";
import { type RegistryModelCalls, registryModelCalls } from "./registry/registry-models.ts";
import { type RegistryVersionCalls, registryVersionCalls } from "./registry/registry-versions.ts";
import { type RunLogCalls, runLogCalls } from "./run-log.ts";
import { type RunCalls, runCalls } from "./runs.ts";

/** Client of a tracking server over REST. Every call may throw tracking/* and, once `signal` is aborted, internal/cancelled. */
export interface MlflowClient
  extends ExperimentCalls,
    RunCalls,
    RunLogCalls,
    ArtifactCalls,
    RegistryModelCalls,
    RegistryVersionCalls {
  /** Without credentials. */
  readonly uri: string;
  /** Returns the address of a run's page in MLflow. */
  readonly runUrl: (run: { readonly runId: string }) => string;
  /**
   * Returns a client for a last update after a cancellation or a failure: without the signal, and with a short time limit if the server is
   * down.
   */
  readonly forClosing: () => MlflowClient;
  /** Closes its sockets, which don't keep the process alive anyway. */
  readonly close: () => void;
}

export interface ClientOptions {
  readonly uri: string;
  /** For MLflow's login variables, and Node's that say which https servers are trusted. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Longest time without data from the server, in ms (60,000). */
  readonly timeoutMs?: number;
  /** Maximum number of attempts (6). */
  readonly attempts?: number;
  /** First pause before another attempt, in ms; it doubles each time (100). */
  readonly pauseMs?: number;
}

/** @throws tracking/not-mlflow if the URI isn't an http(s) address */
export function createMlflowClient({ uri, env = {}, ...options }: ClientOptions): MlflowClient {
  const address = parseAddress(uri, env);
  const trust = isSecure(address) ? trustOf(env) : {};
  return clientOf(openHttp({ address, trust, ...options }), () =>
    createMlflowClient({ uri, env, attempts: 3, timeoutMs: closingTimeoutMs }),
  );
}

/** Long enough for a busy server, short enough for a user who pressed Ctrl-C. */
const closingTimeoutMs = 10_000;

function clientOf(http: Http, forClosing: () => MlflowClient): MlflowClient {
  const runs = runCalls(http);
  const log = runLogCalls(http);
  const artifacts = artifactCalls(http, runs.getRun);
  return {
    uri: http.uri,
    forClosing,
    runUrl: ({ runId }) => `${http.uri}/#/runs/${encodeURIComponent(runId)}`,
    close: http.close,
    ...experimentCalls(http),
    ...runs,
    ...log,
    ...artifacts,
    ...withLongValues({ ...log, ...runs }, artifacts),
    ...registryModelCalls(http),
    ...registryVersionCalls(http),
  };
}
