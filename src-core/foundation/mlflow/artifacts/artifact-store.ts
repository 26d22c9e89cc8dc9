import { fileURLToPath } from "node:url";
import { AppError } from "../../../contract/errors.ts";
import type { Http } from "../http/http.ts";
import { fileArtifacts } from "./artifact-files.ts";
import { safeArtifactPath } from "./artifact-path.ts";
import { proxiedArtifacts } from "./artifact-proxy.ts";
import type { ArtifactStore } from "./artifact-types.ts";

/**
 * Opens the store of an artifact URI: `mlflow-artifacts:` through the server, `file:` directly.
 * @throws tracking/artifact-scheme for any other scheme
 */
export function artifactStore(http: Http, uri: string): ArtifactStore {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
  if (scheme === "mlflow-artifacts") return proxiedArtifacts(http, proxiedRoot(http, uri));
  if (scheme === "file") return fileArtifacts(localFolder(uri));
  if (scheme === undefined && uri.startsWith("/")) return fileArtifacts(uri);
  throw new AppError({
    code: "tracking/artifact-scheme",
    message: `The MLflow server stores its artifacts at '${uri}', and ${scheme === undefined ? "a relative path" : `the scheme '${scheme}:'`} isn't supported.`,
    hint: "Start that server with --artifacts-destination, so that it serves the artifacts (mlflow-artifacts:), or use a file: root.",
    details: { artifactUri: uri },
  });
}

function proxiedRoot(http: Http, uri: string): string {
  const rest = uri.slice("mlflow-artifacts:".length);
  const named = /^\/\/([^/]+)/.exec(rest)?.[1];
  if (named !== undefined && named !== new URL(http.uri).host) {
    throw new AppError({
      code: "tracking/artifact-scheme",
      message: `The artifacts are on another server (${named}) than the tracking server ${http.uri}, and credentials aren't sent there.`,
      hint: "Use that server as the tracking server, or let this one serve the artifacts.",
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
      message: `'${uri}' isn't a folder on this machine.`,
      hint: "Let the server serve the artifacts (mlflow-artifacts:).",
      details: { artifactUri: uri },
      cause: error,
    });
  }
}
