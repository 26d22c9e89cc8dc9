import path from "node:path";
import type { GateResult } from "../../../contract/runs/stage-results.ts";
import { openComputePool } from "../../../foundation/compute/pool.ts";
import type { StageContext } from "../../../foundation/context.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { productionAlias } from "../../../foundation/mlflow/registry/registry-promotion.ts";
import type { DecideNeeds } from "../needs.ts";
import { evaluateGate } from "./gate.ts";
import type { GateFigures } from "./gate-checks.ts";
import { gatherEvidence } from "./gather.ts";
import type { ProductionEvidence } from "./production-evidence.ts";
import type { ScoredTest } from "./scored-tests.ts";
import { gateTestNames } from "./test-names.ts";

/** Applies the gate to the predictions of both sides. Records and moves nothing. */
export async function askGate(
  context: StageContext,
  it: {
    readonly parts: Pick<DecideNeeds, "readPredictions">;
    readonly candidate: readonly ScoredTest[];
    readonly production: ProductionEvidence | null;
    /** Why there must be a production although none was found. Then no evidence passes. */
    readonly lost: string | null;
    readonly figures: GateFigures;
  },
): Promise<GateResult> {
  const { configs, project, results } = context;
  const duck = await openDuck({ tempDirectory: path.join(context.runDir, "duck"), signal: context.signal });
  const pool = openComputePool();
  try {
    const gathered = await gatherEvidence(context, duck, it);
    const lost = it.lost === null ? [] : [{ name: "production", isOk: false, note: it.lost }];
    const evidence = { ...gathered, figures: it.figures, validity: [...gathered.validity, ...lost] };
    context.report({
      message: `comparing with ${it.production === null ? (it.lost ?? "nothing: this is the first model") : `version ${it.production.version} (${productionAlias})`}`,
    });
    const config = configs.promotion.value;
    return await evaluateGate(
      {
        config,
        task: project.config.task,
        testNames: gateTestNames(configs.split.value, config),
        clusterBy: results.split?.group ?? [],
        evidence,
      },
      (job) => pool.replicates(job, context.signal),
    );
  } finally {
    await pool.close();
    duck.close();
  }
}
