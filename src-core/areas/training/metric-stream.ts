import type { TrainerEvent } from "../../contract/jobs.ts";
import type { StageContext } from "../../foundation/context.ts";

interface Point {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/** MLflow takes at most this many metrics in a request. */
const batchSize = 1_000;
const flushEveryMs = 2_000;

/**
 * Metrics of a running job into MLflow, in batches: a full one at once, a part of one every two seconds. Identical points sent again after
 * a resume are one point to MLflow.
 */
export function metricStream({ tracking, runId }: StageContext): {
  readonly take: (event: TrainerEvent) => Promise<void>;
  readonly flush: () => Promise<void>;
} {
  let points: Point[] = [];
  let flushedAt = Date.now();
  const flush = async (): Promise<void> => {
    const metrics = points;
    points = [];
    flushedAt = Date.now();
    if (metrics.length > 0) await tracking.client.logBatch({ runId, metrics });
  };
  return {
    take: async (event) => {
      if (event.type !== "metric" || !Number.isFinite(event.value)) return;
      points.push({ key: event.key, value: event.value, step: event.step ?? 0, timestamp: event.time });
      if (points.length >= batchSize || Date.now() - flushedAt > flushEveryMs) await flush();
    },
    flush,
  };
}
