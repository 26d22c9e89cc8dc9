import { promotionConfigSchema } from "../../src-core/contract/configs/promotion-config.ts";
import type { DecisionBody } from "../../src-core/contract/ledger.ts";

const digest = "ab".repeat(32);
const versioned = { version: 1, digest };

/** A decision's body with the verdict PROMOTE and invented evidence. */
export function decisionBody(it: {
  readonly runId: string;
  readonly modelName: string;
  readonly version: string;
  readonly alias: DecisionBody["alias"];
  readonly useStages: boolean;
}): DecisionBody {
  const { runId, modelName, version, alias, useStages } = it;
  const primary = { metric: "reference_mae", goal: "superiority" };
  return {
    runId,
    modelName,
    alias,
    candidate: { version, runId, modelDigest: digest, predictions: { reference: digest } },
    production: null,
    data: { masterSha256: digest, trainSha256: digest, tests: { reference: digest }, dvc: {} },
    configs: { dataContract: versioned, split: versioned, feature: versioned, model: versioned, promotion: digest },
    gateHash: digest,
    gate: promotionConfigSchema.parse({ version: 1, primary, use_stages: useStages }),
    rule: "bootstrap",
    rows: [],
    n: 300,
    clusters: null,
    clusterBy: [],
    minimumDetectable: null,
    extraUnitsNeeded: null,
    verdict: "PROMOTE",
    reason: "better",
    referenceReads: 0,
  };
}
