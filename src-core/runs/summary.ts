import type { CatalogueReader } from "../catalogue/open.ts";
import type { RunSummary } from "../contract/runs.ts";
import { lastMetrics, type RunRow } from "./store.ts";

/** A run as lists show it, with the gate's primary metric. */
export function summaryOf(reader: CatalogueReader, run: RunRow, primaryMetric: string | undefined): RunSummary {
  return {
    runId: run.runId,
    number: run.number,
    status: run.status,
    isResumable: run.isResumable,
    stage: run.stage,
    verdict: run.verdict,
    splitVersion: run.splitVersion,
    featureVersion: run.featureVersion,
    modelVersion: run.modelVersion,
    dataContractVersion: run.dataContractVersion,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    primary:
      primaryMetric === undefined
        ? null
        : { metric: primaryMetric, value: lastMetrics(reader, run.runId)[primaryMetric] ?? null },
  };
}
