import { isAlreadyThere, isNotFound } from "../http/answer-errors.ts";
import type { Http } from "../http/http.ts";
import { checkAlias, checkKey, decodeModelName, encodeModelName } from "../http/names.ts";
import { isUncertain } from "../http/once.ts";
import {
  emptyAnswer,
  type MlflowRegisteredModel,
  modelVersionAnswer,
  registeredModelAnswer,
  registeredModelsAnswer,
} from "../http/schemas.ts";

/** Registered models and their aliases. Names are user input and are encoded for the registry here. */
export interface RegistryModelCalls {
  readonly getRegisteredModel: (name: string) => Promise<MlflowRegisteredModel | undefined>;
  readonly listRegisteredModels: () => Promise<readonly MlflowRegisteredModel[]>;
  /** Creates the model with these tags, unless there is one of that name. Of several callers, one creates it. */
  readonly ensureRegisteredModel: (name: string, tags?: Readonly<Record<string, string>>) => Promise<void>;
  /** Sets tags of a model; the last value wins. */
  readonly setRegisteredModelTags: (name: string, tags: Readonly<Record<string, string>>) => Promise<void>;
  /** Finds the version of an alias; undefined if there is no such alias or model. */
  readonly getAlias: (name: string, alias: string) => Promise<string | undefined>;
  /** Moves an alias without a check; `moveAlias` in registry-promotion.ts reads it before and after. */
  readonly setAlias: (name: string, alias: string, version: string) => Promise<void>;
  readonly deleteAlias: (name: string, alias: string) => Promise<void>;
}

const models = "/api/2.0/mlflow/registered-models";

export function registryModelCalls(http: Http): RegistryModelCalls {
  const get: RegistryModelCalls["getRegisteredModel"] = async (name) => {
    try {
      const answer = await http.json({
        method: "GET",
        path: `${models}/get`,
        query: { name: encodeModelName(name) },
        schema: registeredModelAnswer,
        doing: `read the registered model '${name}'`,
      });
      return { ...answer.registered_model, name };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    getRegisteredModel: get,
    listRegisteredModels: async () => {
      const found: MlflowRegisteredModel[] = [];
      let token: string | undefined;
      do {
        const page = await http.json({
          method: "GET",
          path: `${models}/search`,
          query: { max_results: 100, page_token: token },
          schema: registeredModelsAnswer,
          doing: "list the registered models",
        });
        for (const model of page.registered_models) found.push({ ...model, name: decodeModelName(model.name) });
        token = page.next_page_token || undefined;
      } while (token !== undefined);
      return found;
    },
    ensureRegisteredModel: async (name, tags = {}) => {
      for (let attempt = 1; (await get(name)) === undefined; attempt++) {
        try {
          await http.json({
            method: "POST",
            path: `${models}/create`,
            body: {
              name: encodeModelName(name),
              tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
            },
            schema: registeredModelAnswer,
            doing: `create the registered model '${name}'`,
          });
        } catch (error) {
          if (!(isAlreadyThere(error) || isUncertain(error)) || attempt >= http.attempts) throw error;
          await http.pause(attempt);
        }
      }
    },
    setRegisteredModelTags: async (name, tags) => {
      for (const [key, value] of Object.entries(tags)) {
        checkKey("tag", key);
        await http.json({
          method: "POST",
          path: `${models}/set-tag`,
          body: { name: encodeModelName(name), key, value },
          schema: emptyAnswer,
          doing: `tag the registered model '${name}' with '${key}'`,
        });
      }
    },
    getAlias: async (name, alias) => {
      checkAlias(alias);
      const model = await get(name);
      if (model === undefined) return undefined;
      if (model.aliases[alias] !== undefined) return model.aliases[alias];
      // Servers before 2.10 don't list aliases with the model.
      try {
        const answer = await http.json({
          method: "GET",
          path: `${models}/alias`,
          query: { name: encodeModelName(name), alias },
          schema: modelVersionAnswer,
          doing: `read the alias '${alias}' of '${name}'`,
        });
        return answer.model_version.version;
      } catch (error) {
        if (isNotFound(error) || isUnknownAlias(error)) return undefined;
        throw error;
      }
    },
    setAlias: async (name, alias, version) => {
      checkAlias(alias);
      await http.json({
        method: "POST",
        path: `${models}/alias`,
        body: { name: encodeModelName(name), alias, version },
        schema: emptyAnswer,
        doing: `point '${alias}' of '${name}' to version ${version}`,
      });
    },
    deleteAlias: async (name, alias) => {
      checkAlias(alias);
      await http.json({
        method: "DELETE",
        path: `${models}/alias`,
        body: { name: encodeModelName(name), alias },
        schema: emptyAnswer,
        doing: `remove the alias '${alias}' of '${name}'`,
      });
    },
  };
}

/** MLflow responds to an unknown alias with INVALID_PARAMETER_VALUE and these words. */
function isUnknownAlias(error: unknown): boolean {
  return error instanceof Error && /alias .* not found/i.test(error.message);
}
