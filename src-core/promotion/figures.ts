import type { StageContext } from "../context.ts";
import type { DecisionBody } from "../contract/ledger.ts";
import type { PromotionConfig } from "../contract/promotion-config.ts";
import type { GateFigures } from "./gate-checks.ts";
import { directionOfFigure, metricNamesOf } from "./gate-metric.ts";
import type { ProductionEvidence } from "./production-evidence.ts";
import type { DecideParts, ModelOfRun } from "./stage-parts.ts";

const noInterval = "no interval: it has no rows to resample";

/** Names of the figures that the gate asks about, each once. */
function askedFigures(config: PromotionConfig): readonly string[] {
  return metricNamesOf(config).filter((name) => directionOfFigure(name) !== null);
}

/**
 * What the gate asks of the models themselves: fit time and size as each model's own run recorded them, latency measured now, both models
 * in one process. Nothing is fetched or timed that the gate doesn't name.
 */
export async function measureFigures(
  context: StageContext,
  it: {
    readonly parts: Pick<DecideParts, "measureLatency">;
    readonly production: ProductionEvidence | null;
  },
): Promise<GateFigures> {
  const asked = askedFigures(context.configs.promotion.value);
  const figures: Record<string, GateFigures[string]> = {};
  const recorded = asked.filter((name) => !name.startsWith("latency_"));
  if (recorded.length > 0) {
    const { client } = context.tracking;
    const metricsOf = async (runId: string) => (await client.getRun(runId)).metrics;
    const own = await metricsOf(context.runId);
    const theirs = it.production === null ? {} : await metricsOf(it.production.runId);
    for (const name of recorded)
      figures[name] = {
        candidate: own[name] ?? null,
        production: theirs[name] ?? null,
        note: `as each model's own run recorded it; ${noInterval}`,
      };
  }
  if (asked.length > recorded.length) {
    const [candidate, production] = await it.parts.measureLatency(context, await modelsOf(context, it.production));
    const calls = `${candidate?.calls ?? 0} predictions of one row by each model, in turns on this machine; ${noInterval}`;
    figures.latency_p50_ms = {
      candidate: candidate?.p50Ms ?? null,
      production: production?.p50Ms ?? null,
      note: calls,
    };
    figures.latency_p95_ms = {
      candidate: candidate?.p95Ms ?? null,
      production: production?.p95Ms ?? null,
      note: calls,
    };
  }
  return figures;
}

async function modelsOf(context: StageContext, production: ProductionEvidence | null): Promise<readonly ModelOfRun[]> {
  const { train } = context.results;
  const own: readonly ModelOfRun[] =
    train === undefined ? [] : [{ runId: context.runId, type: train.modelType, digest: train.modelDigest }];
  if (production === null) return own;
  const type = (await context.tracking.client.getRun(production.runId)).params.model_type;
  // A model of an unknown type can't be loaded: it stays without a figure, and the gate says so.
  if (type === undefined) return own;
  return [...own, { runId: production.runId, type, digest: production.modelDigest }];
}

/** The figures a decision was taken on: times aren't repeated, they are what they were. */
export function figuresOf({ rows }: Pick<DecisionBody, "rows">): GateFigures {
  return Object.fromEntries(
    rows
      .filter((row) => directionOfFigure(row.metric) !== null)
      .map(({ metric, candidate, production, note }) => [metric, { candidate, production, note }]),
  );
}
