import { statSync } from "node:fs";
import { isNotFound } from "../http/answer-errors.ts";
import type { Http } from "../http/http.ts";
import { urlPath } from "../http/names.ts";
import { artifactsAnswer, emptyAnswer } from "../http/schemas.ts";
import { joinArtifactPath } from "./artifact-path.ts";
import type { ArtifactEntry, ArtifactStore } from "./artifact-types.ts";

const base = "/api/2.0/mlflow-artifacts/artifacts";

/** Artifacts that the tracking server hands through, below `root`. */
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
    // The server answers with names inside the folder; one that is a path of its own must not lead out of it.
    return files.map((file) => ({
      path: joinArtifactPath(folder, file.path),
      isFolder: file.is_dir,
      sizeBytes: file.is_dir ? undefined : file.file_size,
    }));
  };
  return {
    list,
    put: (path, file) =>
      http.send({
        method: "PUT",
        path: at(path),
        body: { kind: "file", file, sizeBytes: statSync(file).size },
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
        // Gone already, or deleted by a try whose answer was lost.
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
