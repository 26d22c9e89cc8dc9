import { AppError } from "../../contract/errors.ts";
import { type BatchContent, batchBodies, type MetricPoint } from "./batch.ts";
import type { Http } from "./http/http.ts";
import { checkKey, lengthOf, limits, olderLimits } from "./http/names.ts";
import { emptyAnswer, historyAnswer, runAnswer } from "./http/schemas.ts";

export interface DatasetInput {
  readonly name: string;
  /** Hexadecimal; the first 36 characters are kept (a whole sha256 doesn't fit). */
  readonly digest: string;
  /** Path of the data relative to the project, or its address. */
  readonly source: string;
  /** "training", "reference". */
  readonly context: string;
  readonly rows?: number;
}

export interface RunLogCalls {
  /**
   * Logs metrics, parameters and tags, in as few requests as MLflow's limits allow. Idempotent. Reads back values that an older server might
   * cut.
   * @throws tracking/rejected for a name or value that MLflow can't store, or a parameter that already has another value
   * @throws tracking/truncated if the server stored something else than was sent
   */
  readonly logBatch: (batch: BatchContent & { readonly runId: string }) => Promise<void>;
  readonly setTags: (runId: string, tags: Readonly<Record<string, string>>) => Promise<void>;
  /** Lists all points of a metric, in the order of the server. */
  readonly getMetricHistory: (runId: string, key: string) => Promise<readonly MetricPoint[]>;
  readonly logInputs: (inputs: { readonly runId: string; readonly datasets: readonly DatasetInput[] }) => Promise<void>;
}

export function runLogCalls(http: Http): RunLogCalls {
  const readBack = async (runId: string, content: BatchContent): Promise<void> => {
    const sent = [
      ...Object.entries(content.params ?? {}).map(([key, value]) => ["params", key, value] as const),
      ...Object.entries(content.tags ?? {}).map(([key, value]) => ["tags", key, value] as const),
    ];
    const { run } = await http.json({
      method: "GET",
      path: "/api/2.0/mlflow/runs/get",
      query: { run_id: runId },
      schema: runAnswer,
      doing: `read back the run ${runId}`,
    });
    const cut = sent.filter(([field, key, value]) => run[field][key] !== value).map(([, key]) => key);
    if (cut.length === 0) return;
    throw new AppError({
      code: "tracking/truncated",
      message: `${http.uri} stored other values than it was sent for: ${cut.join(", ")}.`,
      hint: "The server cuts long values. Store the string in an artifact and its digest in the tag.",
      details: { runId, keys: cut },
    });
  };

  const logBatch: RunLogCalls["logBatch"] = async ({ runId, ...content }) => {
    for (const body of batchBodies(runId, content)) {
      await http.send({
        method: "POST",
        path: "/api/2.0/mlflow/runs/log-batch",
        body: { kind: "bytes", bytes: Buffer.from(body), type: "application/json" },
        doing: `log to the run ${runId}`,
      });
    }
    if (mightBeCut(content)) await readBack(runId, content);
  };

  return {
    logBatch,
    setTags: (runId, tags) => logBatch({ runId, tags }),
    getMetricHistory: async (runId, key) => {
      checkKey("metric", key);
      const points: MetricPoint[] = [];
      let token: string | undefined;
      do {
        const page = await http.json({
          method: "GET",
          path: "/api/2.0/mlflow/metrics/get-history",
          query: { run_id: runId, metric_key: key, max_results: 25_000, page_token: token },
          schema: historyAnswer,
          doing: `read the history of '${key}'`,
        });
        points.push(...page.metrics);
        token = page.next_page_token || undefined;
      } while (token !== undefined);
      return points;
    },
    logInputs: async ({ runId, datasets }) => {
      await http.json({
        method: "POST",
        path: "/api/2.0/mlflow/runs/log-inputs",
        body: { run_id: runId, datasets: datasets.map(datasetBody) },
        schema: emptyAnswer,
        doing: `log the inputs of the run ${runId}`,
      });
    },
  };
}

function mightBeCut(content: BatchContent): boolean {
  const isLong = (values: Readonly<Record<string, string>> | undefined, most: number) =>
    Object.values(values ?? {}).some((value) => lengthOf(value) > most);
  return isLong(content.params, olderLimits.paramValue) || isLong(content.tags, olderLimits.tagValue);
}

function datasetBody({ name, digest, source, context, rows }: DatasetInput) {
  return {
    tags: [{ key: "mlflow.data.context", value: context }],
    dataset: {
      name,
      digest: digest.slice(0, digest.length > limits.datasetDigest ? 32 : limits.datasetDigest),
      source_type: "local",
      source: JSON.stringify({ uri: source }),
      ...(rows === undefined ? {} : { profile: JSON.stringify({ num_rows: rows }) }),
    },
  };
}
