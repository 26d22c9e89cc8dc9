import { statSync } from "node:fs";
import { isNotFound } from "../http/answer-errors.ts";
import type { Http } from "../http/http.ts";
import { urlPath } from "../http/names.ts";
import { artifactsAnswer, emptyAnswer } from "../http/schemas.ts";
import { joinArtifactPath } from "./artifact-path.ts";
import type { ArtifactEntry, ArtifactStore } from "./artifact-types.ts";

const base = "/api/2.0/mlflow-artifacts/artifacts";

/** Artifacts through the tracking server, below `root`. */
export function proxiedArtifacts(http: Http, root: string): ArtifactStore {
  const at = (path: string) => `${base}/${urlPath(joinArtifactPath(root, path))}`;
  const list = async (folder: string): Promise<readonly ArtifactEntry[]> => {
    const { files } = await http.json({
      method: "GET",
      path: base,
      query: { path: joinArtifactPath(root, folder) },
      schema: artifactsAnswer,
      doing: `list the artifacts in '${folder}'`,
    });
    // The server returns names inside the folder, and none of them may lead out of it.
    return files.map((file) => ({
      path: joinArtifactPath(folder, file.path),
      isFolder: file.is_dir,
      sizeBytes: file.is_dir ? undefined : file.file_size,
    }));
  };
  return {
    list,
    put: (path, file, onBytes) =>
      http.send({
        method: "PUT",
        path: at(path),
        body: { kind: "file", file, sizeBytes: statSync(file).size, onBytes },
        doing: `upload the artifact '${path}'`,
      }),
    get: (path, file) =>
      http.download({ method: "GET", path: at(path), file, doing: `download the artifact '${path}'` }),
    remove: async (path) => {
      try {
        await http.json({
          method: "DELETE",
          path: at(path),
          schema: emptyAnswer,
          doing: `delete the artifact '${path}'`,
        });
      } catch (error) {
        // It was already deleted, perhaps by an attempt whose response was lost.
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
