import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { isAlreadyThere, isNotFound } from "./http/answer-errors.ts";
import type { Http } from "./http/http.ts";
import { checkKey, quoted } from "./http/names.ts";
import { isUncertain } from "./http/once.ts";
import { experimentAnswer, experimentsAnswer, type MlflowExperiment } from "./http/schemas.ts";

export interface ExperimentCalls {
  /** Finds an experiment by name; undefined if there is none. A deleted one has `isDeleted`. */
  readonly findExperiment: (name: string) => Promise<MlflowExperiment | undefined>;
  /** @throws tracking/not-found */
  readonly getExperiment: (experimentId: string) => Promise<MlflowExperiment>;
  /**
   * Finds an experiment by name, or creates it with these tags. Names are unique, so of several callers one creates it, and the others
   * find that one's tags.
   * @throws tracking/rejected if it was deleted, because the user must decide whether to restore it
   */
  readonly ensureExperiment: (name: string, tags?: Readonly<Record<string, string>>) => Promise<MlflowExperiment>;
  /** Lists experiments with this tag, without deleted ones, by name. */
  readonly experimentsTagged: (key: string, value: string) => Promise<readonly MlflowExperiment[]>;
  /** Sets tags of an experiment; the last value wins. */
  readonly setExperimentTags: (experimentId: string, tags: Readonly<Record<string, string>>) => Promise<void>;
  /** Checks whether the server responds to /health. */
  readonly isHealthy: () => Promise<boolean>;
  /** Returns the version of the server ("3.17.2"). */
  readonly version: () => Promise<string>;
}

export function experimentCalls(http: Http): ExperimentCalls {
  const find = async (name: string): Promise<MlflowExperiment | undefined> => {
    try {
      const { experiment } = await http.json({
        method: "GET",
        path: "/api/2.0/mlflow/experiments/get-by-name",
        query: { experiment_name: name },
        schema: experimentAnswer,
        doing: `find the experiment '${name}'`,
      });
      return experiment;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const create = async (name: string, tags: Readonly<Record<string, string>>): Promise<void> => {
    await http.json({
      method: "POST",
      path: "/api/2.0/mlflow/experiments/create",
      body: { name, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) },
      schema: z.object({ experiment_id: z.string() }),
      doing: `create the experiment '${name}'`,
    });
  };
  return {
    getExperiment: async (experimentId) => {
      const { experiment } = await http.json({
        method: "GET",
        path: "/api/2.0/mlflow/experiments/get",
        query: { experiment_id: experimentId },
        schema: experimentAnswer,
        doing: `read the experiment ${experimentId}`,
      });
      return experiment;
    },
    experimentsTagged: async (key, value) => {
      checkKey("tag", key);
      const found: MlflowExperiment[] = [];
      let token: string | undefined;
      do {
        const answer: z.output<typeof experimentsAnswer> = await http.json({
          method: "POST",
          path: "/api/2.0/mlflow/experiments/search",
          body: {
            max_results: 1_000,
            filter: `tags.\`${key}\` = ${quoted(value)}`,
            ...(token === undefined ? {} : { page_token: token }),
          },
          schema: experimentsAnswer,
          doing: "list the experiments",
        });
        found.push(...answer.experiments);
        token = answer.next_page_token;
      } while (token !== undefined && token !== "");
      return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    setExperimentTags: async (experimentId, tags) => {
      for (const [key, value] of Object.entries(tags)) {
        await http.json({
          method: "POST",
          path: "/api/2.0/mlflow/experiments/set-experiment-tag",
          body: { experiment_id: experimentId, key, value },
          schema: z.object({}),
          doing: `tag the experiment ${experimentId}`,
        });
      }
    },
    findExperiment: find,
    ensureExperiment: async (name, tags = {}) => {
      for (let attempt = 1; ; attempt++) {
        const found = await find(name);
        if (found !== undefined) return usable(found);
        try {
          await create(name, tags);
        } catch (error) {
          // Names are unique on the server, so another process, or our own lost request, created it.
          if (!(isAlreadyThere(error) || isUncertain(error)) || attempt >= http.attempts) throw error;
          await http.pause(attempt);
        }
      }
    },
    isHealthy: async () => {
      const text = await http.text({ method: "GET", path: "/health", doing: "check its health", limitBytes: 1_024 });
      return text.trim() === "OK";
    },
    version: async () => {
      const text = await http.text({
        method: "GET",
        path: "/version",
        doing: "read its version",
        limitBytes: 65_536,
      });
      const version = text.trim();
      if (/^\d+\.\d+/.test(version) && version.length < 64) return version;
      throw new AppError({
        code: "tracking/not-mlflow",
        message: `${http.uri} doesn't return a version for /version.`,
        hint: "Check the tracking address: another program or a proxy may be running there.",
      });
    },
  };
}

/** @throws tracking/rejected if it was deleted */
export function usable(experiment: MlflowExperiment): MlflowExperiment {
  if (!experiment.isDeleted) return experiment;
  throw new AppError({
    code: "tracking/rejected",
    message: `The experiment '${experiment.name}' was deleted on the MLflow server. Its name can't be used again until it is restored or purged.`,
    hint: `Run: mlflow experiments restore --experiment-id ${experiment.experimentId}, or choose another tracking.experiment in signalbox.yaml.`,
    details: { experimentId: experiment.experimentId },
  });
}
