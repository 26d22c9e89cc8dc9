import { isNotFound } from "../http/answer-errors.ts";
import type { Http } from "../http/http.ts";
import { checkKey, encodeModelName, quoted } from "../http/names.ts";
import { createOnce } from "../http/once.ts";
import { emptyAnswer, type MlflowModelVersion, modelVersionAnswer, modelVersionsAnswer } from "../http/schemas.ts";

/** The tag that makes creating a version repeatable. */
const registrationTag = "signalbox.registration_id";

export interface NewVersion {
  readonly modelName: string;
  readonly runId: string;
  /** Artifact URI of the model's folder. */
  readonly source: string;
  /** The same for every attempt of a registration. */
  readonly registrationId: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RegistryVersionCalls {
  /** Creates the version of a registration once. If the network duplicated it, the lowest number wins. The model must exist. */
  readonly createModelVersion: (
    version: NewVersion,
  ) => Promise<{ readonly version: MlflowModelVersion; readonly isNew: boolean }>;
  readonly getModelVersion: (modelName: string, version: string) => Promise<MlflowModelVersion | undefined>;
  /** Lists all versions of a model (or of one run), by number: 9 before 10. */
  readonly searchModelVersions: (modelName: string, runId?: string) => Promise<readonly MlflowModelVersion[]>;
  readonly setModelVersionTag: (version: VersionName, key: string, value: string) => Promise<void>;
  readonly deleteModelVersion: (version: VersionName) => Promise<void>;
  /** For servers that still use stages (`promotion.use_stages`); `archiveExisting` archives the others of that stage. */
  readonly transitionStage: (
    version: VersionName,
    stage: "Production" | "Archived" | "Staging" | "None",
    archiveExisting?: boolean,
  ) => Promise<void>;
}

export interface VersionName {
  readonly modelName: string;
  readonly version: string;
}

const versions = "/api/2.0/mlflow/model-versions";

export function registryVersionCalls(http: Http): RegistryVersionCalls {
  const named = ({ modelName, version }: VersionName) => ({ name: encodeModelName(modelName), version });

  const search: RegistryVersionCalls["searchModelVersions"] = async (modelName, runId) => {
    const byName = `name=${quoted(encodeModelName(modelName))}`;
    const filter = runId === undefined ? byName : `${byName} and run_id=${quoted(runId)}`;
    const found: MlflowModelVersion[] = [];
    let token: string | undefined;
    do {
      const page = await http.json({
        method: "GET",
        path: `${versions}/search`,
        query: { filter, max_results: 1_000, page_token: token },
        schema: modelVersionsAnswer,
        doing: `list the versions of '${modelName}'`,
      });
      for (const version of page.model_versions) found.push({ ...version, name: modelName });
      token = page.next_page_token || undefined;
    } while (token !== undefined);
    return found.toSorted((a, b) => Number(a.version) - Number(b.version));
  };

  const remove = async (version: VersionName): Promise<void> => {
    try {
      await http.json({
        method: "DELETE",
        path: `${versions}/delete`,
        body: named(version),
        schema: emptyAnswer,
        doing: `delete version ${version.version} of '${version.modelName}'`,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  return {
    searchModelVersions: search,
    deleteModelVersion: remove,
    createModelVersion: async (wanted) => {
      const tags = { ...wanted.tags, [registrationTag]: wanted.registrationId };
      for (const key of Object.keys(tags)) checkKey("tag", key);
      const { made, isNew } = await createOnce({
        find: async () =>
          (await search(wanted.modelName, wanted.runId)).filter(
            (version) => version.tags[registrationTag] === wanted.registrationId,
          ),
        create: () =>
          http.json({
            method: "POST",
            path: `${versions}/create`,
            body: {
              name: encodeModelName(wanted.modelName),
              source: wanted.source,
              run_id: wanted.runId,
              tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
            },
            schema: modelVersionAnswer,
            doing: `create a version of '${wanted.modelName}'`,
            isRepeatable: false,
          }),
        remove: (duplicate) => remove({ modelName: wanted.modelName, version: duplicate.version }),
        pause: http.pause,
        attempts: http.attempts,
      });
      return { version: made, isNew };
    },
    getModelVersion: async (modelName, version) => {
      try {
        const answer = await http.json({
          method: "GET",
          path: `${versions}/get`,
          query: named({ modelName, version }),
          schema: modelVersionAnswer,
          doing: `read version ${version} of '${modelName}'`,
        });
        return { ...answer.model_version, name: modelName };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    setModelVersionTag: async (version, key, value) => {
      checkKey("tag", key);
      await http.json({
        method: "POST",
        path: `${versions}/set-tag`,
        body: { ...named(version), key, value },
        schema: emptyAnswer,
        doing: `tag version ${version.version} of '${version.modelName}' with '${key}'`,
      });
    },
    transitionStage: async (version, stage, archiveExisting = false) => {
      await http.json({
        method: "POST",
        path: `${versions}/transition-stage`,
        body: { ...named(version), stage, archive_existing_versions: archiveExisting },
        schema: modelVersionAnswer,
        doing: `move version ${version.version} of '${version.modelName}' to the stage ${stage}`,
      });
    },
  };
}
