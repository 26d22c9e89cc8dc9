import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { DecisionBody } from "../../../contract/ledger.ts";
import type { StageContext } from "../../../foundation/context.ts";
import type { DecideNeeds } from "../needs.ts";
import type { GateFigures } from "./gate-checks.ts";
import { directionOfFigure, metricNamesOf } from "./gate-metric.ts";
import type { ProductionEvidence } from "./production-evidence.ts";
import type { ModelOfRun } from "./scored-tests.ts";

const noInterval = "no interval: it has no rows to resample";

/** Lists the names of the figures that the gate uses, without duplicates. */
function askedFigures(config: PromotionConfig): readonly string[] {
  return metricNamesOf(config).filter((name) => directionOfFigure(name) !== null);
}

/**
 * Measures the figures of the models: fit time and size as recorded by their runs, and latency now, with both models in one process. Fetches
 * and times only what the gate names.
 */
export async function measureFigures(
  context: StageContext,
  it: {
    readonly parts: Pick<DecideNeeds, "measureLatency">;
    readonly production: ProductionEvidence | null;
  },
): Promise<GateFigures> {
  const asked = askedFigures(context.configs.promotion.value);
  if (asked.length === 0) return {};
  const { production } = it;
  const { client } = context.tracking;
  const own = await client.getRun(context.runId);
  const theirs = production === null ? null : await client.getRun(production.runId);
  const recorded = Object.fromEntries(
    asked.map((name) => [
      name,
      {
        candidate: own.metrics[name] ?? null,
        production: theirs?.metrics[name] ?? null,
        note: `as each model's own run recorded it; ${noInterval}`,
      },
    ]),
  );
  if (!asked.some((name) => name.startsWith("latency_"))) return recorded;
  const type = theirs?.params.model_type;
  const latencies = await it.parts.measureLatency(context, [
    ...ownModel(context),
    // A model of unknown type can't be loaded, so it has no figure, and the gate says so.
    ...(production === null || type === undefined
      ? []
      : [{ runId: production.runId, type, digest: production.modelDigest }]),
  ]);
  return { ...recorded, ...latencyFigures(latencies) };
}

function ownModel({ runId, results: { train } }: StageContext): readonly ModelOfRun[] {
  return train === undefined ? [] : [{ runId, type: train.modelType, digest: train.modelDigest }];
}

/** Converts the latencies of candidate and production, in this order. */
function latencyFigures([candidate, production]: Awaited<ReturnType<DecideNeeds["measureLatency"]>>): GateFigures {
  const note = `${candidate?.calls ?? 0} predictions of one row by each model, in turns on this machine; ${noInterval}`;
  return {
    latency_p50_ms: { candidate: candidate?.p50Ms ?? null, production: production?.p50Ms ?? null, note },
    latency_p95_ms: { candidate: candidate?.p95Ms ?? null, production: production?.p95Ms ?? null, note },
  };
}

/** Returns the recorded figures of a decision. Times aren't measured again. */
export function figuresOf({ rows }: Pick<DecisionBody, "rows">): GateFigures {
  return Object.fromEntries(
    rows
      .filter((row) => directionOfFigure(row.metric) !== null)
      .map(({ metric, candidate, production, note }) => [metric, { candidate, production, note }]),
  );
}
