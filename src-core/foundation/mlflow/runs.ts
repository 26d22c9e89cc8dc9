import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { Http } from "./http/http.ts";
import { checkKey, checkValue, quoted } from "./http/names.ts";
import { createOnce } from "./http/once.ts";
import { emptyAnswer, type MlflowRun, type RunStatus, runAnswer, runsAnswer } from "./http/schemas.ts";

/** The tag that makes creating a run repeatable: the caller's id of the request. */
const requestIdTag = "signalbox.request_id";

export interface NewRun {
  readonly experimentId: string;
  /** Unique for each run and the same for every attempt: letters, digits, '.', '_', '-'. */
  readonly requestId: string;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly startTimeMs: number;
}

export interface RunCalls {
  /** Creates the run of a request, or finds the existing one. Duplicates are deleted. */
  readonly createRun: (run: NewRun) => Promise<MlflowRun>;
  /** Deletes runs with the request's id other than `keep`, which a late request may have created. Returns their number. */
  readonly removeDuplicateRuns: (request: {
    readonly experimentId: string;
    readonly requestId: string;
    readonly keep: string;
  }) => Promise<number>;
  /** Finds the runs with the request's id, oldest first. */
  readonly runsOfRequest: (request: {
    readonly experimentId: string;
    readonly requestId: string;
  }) => Promise<readonly MlflowRun[]>;
  /** @throws tracking/not-found */
  readonly getRun: (runId: string) => Promise<MlflowRun>;
  /** `endTimeMs` belongs to a final status. FAILED → RUNNING reopens a run. */
  readonly updateRun: (update: {
    readonly runId: string;
    readonly status?: RunStatus;
    readonly endTimeMs?: number;
    readonly name?: string;
  }) => Promise<void>;
  /** Finds all matching runs, or the first `limit`, without deleted ones. */
  readonly searchRuns: (search: RunSearch) => Promise<readonly MlflowRun[]>;
  readonly deleteRun: (runId: string) => Promise<void>;
}

export interface RunSearch {
  readonly experimentIds: readonly string[];
  /** MLflow's filter language: `tags."signalbox.request_id" = 'x'`. */
  readonly filter?: string;
  readonly orderBy?: readonly string[];
  readonly limit?: number;
}

const pageSize = 1_000;

export function runCalls(http: Http): RunCalls {
  const searchRuns: RunCalls["searchRuns"] = async ({
    experimentIds,
    filter,
    orderBy,
    limit = Number.POSITIVE_INFINITY,
  }) => {
    const found: MlflowRun[] = [];
    let token: string | undefined;
    do {
      const page = await http.json({
        method: "POST",
        path: "/api/2.0/mlflow/runs/search",
        body: {
          experiment_ids: experimentIds,
          filter,
          order_by: orderBy,
          run_view_type: "ACTIVE_ONLY",
          max_results: Math.min(pageSize, limit - found.length),
          page_token: token,
        },
        schema: runsAnswer,
        doing: "search for runs",
      });
      found.push(...page.runs);
      token = page.next_page_token || undefined;
    } while (token !== undefined && found.length < limit);
    return found;
  };

  const byRequest = async (experimentId: string, requestId: string): Promise<readonly MlflowRun[]> => {
    const filter = `tags.\`${requestIdTag}\` = ${quoted(requestId)}`;
    const found = await searchRuns({ experimentIds: [experimentId], filter });
    return found.toSorted((a, b) => a.startTimeMs - b.startTimeMs || (a.runId < b.runId ? -1 : 1));
  };

  const deleteRun = async (runId: string): Promise<void> => {
    await http.json({
      method: "POST",
      path: "/api/2.0/mlflow/runs/delete",
      body: { run_id: runId },
      schema: emptyAnswer,
      doing: `delete the run ${runId}`,
    });
  };

  return {
    searchRuns,
    deleteRun,
    createRun: async (wanted) => {
      if (!/^[\w.-]{1,128}$/.test(wanted.requestId)) {
        throw new AppError({ code: "tracking/rejected", message: `'${wanted.requestId}' can't mark a run.` });
      }
      const tags = { ...wanted.tags, [requestIdTag]: wanted.requestId };
      for (const [key, value] of Object.entries(tags)) {
        checkKey("tag", key);
        checkValue("tag", key, value);
      }
      const { made } = await createOnce({
        find: () => byRequest(wanted.experimentId, wanted.requestId),
        create: () =>
          http.json({
            method: "POST",
            path: "/api/2.0/mlflow/runs/create",
            body: {
              experiment_id: wanted.experimentId,
              run_name: wanted.name,
              start_time: wanted.startTimeMs,
              tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
            },
            schema: runAnswer,
            doing: `create the run '${wanted.name}'`,
            isRepeatable: false,
          }),
        remove: (duplicate) => deleteRun(duplicate.runId),
        pause: http.pause,
        attempts: http.attempts,
      });
      return made;
    },
    removeDuplicateRuns: async ({ experimentId, requestId, keep }) => {
      const others = (await byRequest(experimentId, requestId)).filter((run) => run.runId !== keep);
      for (const run of others) await deleteRun(run.runId);
      return others.length;
    },
    runsOfRequest: ({ experimentId, requestId }) => byRequest(experimentId, requestId),
    getRun: async (runId) => {
      const { run } = await http.json({
        method: "GET",
        path: "/api/2.0/mlflow/runs/get",
        query: { run_id: runId },
        schema: runAnswer,
        doing: `read the run ${runId}`,
      });
      return run;
    },
    updateRun: async ({ runId, status, endTimeMs, name }) => {
      await http.json({
        method: "POST",
        path: "/api/2.0/mlflow/runs/update",
        body: { run_id: runId, status, end_time: endTimeMs, run_name: name },
        schema: z.object({}),
        doing: `update the run ${runId}`,
      });
    },
  };
}
