import { fileURLToPath } from "node:url";
import { AppError } from "../../../contract/errors.ts";
import type { Http } from "../http/http.ts";
import { fileArtifacts } from "./artifact-files.ts";
import { safeArtifactPath } from "./artifact-path.ts";
import { proxiedArtifacts } from "./artifact-proxy.ts";
import type { ArtifactStore } from "./artifact-types.ts";

/**
 * The store an artifact URI points to: `mlflow-artifacts:` through the server, `file:` directly.
 * @throws tracking/artifact-scheme for any other, by name
 */
export function artifactStore(http: Http, uri: string): ArtifactStore {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
  if (scheme === "mlflow-artifacts") return proxiedArtifacts(http, proxiedRoot(http, uri));
  if (scheme === "file") return fileArtifacts(localFolder(uri));
  if (scheme === undefined && uri.startsWith("/")) return fileArtifacts(uri);
  throw new AppError({
    code: "tracking/artifact-scheme",
    message: `The MLflow server keeps its artifacts at '${uri}': ${scheme === undefined ? "a relative path" : `the scheme '${scheme}:'`} can't be used.`,
    hint: "Start that server with --artifacts-destination, so that it hands artifacts through (mlflow-artifacts:), or use a file: root.",
    details: { artifactUri: uri },
  });
}

function proxiedRoot(http: Http, uri: string): string {
  const rest = uri.slice("mlflow-artifacts:".length);
  const named = /^\/\/([^/]+)/.exec(rest)?.[1];
  if (named !== undefined && named !== new URL(http.uri).host) {
    throw new AppError({
      code: "tracking/artifact-scheme",
      message: `The artifacts lie on another server (${named}) than the tracking server ${http.uri}; a login isn't sent there.`,
      hint: "Use that server as the tracking address, or let this one hand artifacts through.",
      details: { artifactUri: uri },
    });
  }
  return safeArtifactPath(rest.replace(/^\/\/[^/]+/, "").replace(/^\/+/, ""));
}

function localFolder(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new AppError({
      code: "tracking/artifact-scheme",
      message: `'${uri}' is not a folder of this machine.`,
      hint: "Let the server hand artifacts through (mlflow-artifacts:).",
      details: { artifactUri: uri },
      cause: error,
    });
  }
}
