import type { Tracking } from "../../foundation/context.ts";

export interface ServerChoice {
  readonly source: Tracking["source"];
  /** Null for the managed server, whose address is only known when it runs. */
  readonly uri: string | null;
}

/** Chooses by flag, then MLFLOW_TRACKING_URI, then signalbox.yaml, then the managed server. Empty strings are ignored. */
export function chooseServer(given: {
  readonly flag: string | undefined;
  readonly variable: string | undefined;
  readonly configured: string | undefined;
}): ServerChoice {
  const named = [
    ["flag", given.flag],
    ["MLFLOW_TRACKING_URI", given.variable],
    ["signalbox.yaml", given.configured],
  ] as const;
  for (const [source, uri] of named) if (uri !== undefined && uri.trim() !== "") return { source, uri: uri.trim() };
  return { source: "managed", uri: null };
}
