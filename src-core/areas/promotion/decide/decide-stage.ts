import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { DecideResult, Verdict } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import {
  type Production,
  productionAlias,
  productionOf,
} from "../../../foundation/mlflow/registry/registry-promotion.ts";
import { askGate } from "../gate/ask-gate.ts";
import { gateHashOf } from "../gate/gate-hash.ts";
import { metricNamesOf } from "../gate/gate-metric.ts";
import { measureFigures } from "../gate/model-figures.ts";
import { type ProductionEvidence, productionEvidence } from "../gate/production-evidence.ts";
import type { ScoredTest } from "../gate/scored-tests.ts";
import { settleMove } from "../moves.ts";
import type { DecideNeeds } from "../needs.ts";
import { productionMoves } from "../store.ts";
import { applyVerdict } from "./apply.ts";
import { entryOf } from "./decision-entry.ts";
import { lostProduction } from "./lost-production.ts";
import { knownDecision, recordDecision } from "./record-decision.ts";

/**
 * The decide stage. Its order makes a crash safe: the gate decides, the version is registered, the entry is written to the ledger, and only
 * then the alias moves. A repetition skips finished steps, and there is never a promotion without an entry. Before the first step and before
 * the registration, it checks that the names are this project's and that no other copy of it has decided meanwhile.
 */
export function decideStage(parts: DecideNeeds): (context: StageContext) => Promise<DecideResult> {
  return async (context) => {
    const { project, tracking, results } = context;
    const { split, train, evaluate } = results;
    if (split === undefined || train === undefined || evaluate === undefined) {
      throw new AppError({
        code: "runs/stage-blocked",
        message: "A decision needs the results of split, train and evaluate.",
      });
    }
    await checkGateIsFrozen(context);
    const modelName = project.registeredModel;
    await context.core.ownership.check(tracking, [project]);
    const known = await knownDecision(context);
    if (known !== undefined) return await applyVerdict(context, known);
    await settleMove(context.core, tracking.client, modelName);
    const production = await productionOf({ client: tracking.client, modelName });
    const candidate: readonly ScoredTest[] = (parts.knownEvaluation(context, context.runId) ?? []).filter((test) =>
      isNeeded(context, test.name),
    );
    const opponent = production === null ? null : await scoreProduction(context, parts, { production, candidate });
    const moves = productionMoves(context.core.catalogue(), modelName);
    const lost = lostProduction(moves, production, tracking.uri);
    const figures = await measureFigures(context, { parts, production: opponent });
    const gate = await askGate(context, { parts, candidate, production: opponent, lost, figures });
    context.report({ message: `${gate.verdict}: registering the version` });
    const version = await parts.register(context, {
      validation_status: validationStatus(gate.verdict),
      "signalbox.verdict": gate.verdict,
      "signalbox.run_id": context.runId,
    });
    await checkProductionStands(context, production);
    const isPromoted = gate.verdict === "PROMOTE" && context.options.promote;
    const body = entryOf(context, {
      gate,
      candidate,
      production: opponent,
      modelVersion: version,
      referenceReads: parts.referenceReads(context, split.reference.sha256),
      alias: { before: production?.version ?? null, after: isPromoted ? version : (production?.version ?? null) },
    });
    return await applyVerdict(context, await recordDecision(context, body));
  };
}

/** The gate's hash was logged before the candidate was scored. Another gate now would have been chosen after seeing the result. */
async function checkGateIsFrozen(context: StageContext): Promise<void> {
  const { params } = await context.tracking.client.getRun(context.runId);
  const now = gateHashOf(context.configs.promotion.value);
  if (params.gate_hash === now) return;
  throw new AppError({
    code: "promotion/gate-changed",
    message: `${context.configs.promotion.path} has changed since this run started: the hash of its gate was ${params.gate_hash?.slice(0, 12)}… and is now ${now.slice(0, 12)}….`,
    hint: "Restore the file to decide this run, or start another run.",
    next: [nextStep("runs.start", { new: true }, "starts one with the new gate")],
    details: { frozen: params.gate_hash, now },
  });
}

/** Checks production before anything is recorded, because a decision against an outdated production would stay in the ledger forever. */
async function checkProductionStands(context: StageContext, judged: Production | null): Promise<void> {
  const modelName = context.project.registeredModel;
  const now = await productionOf({ client: context.tracking.client, modelName });
  if (now?.version === judged?.version) return;
  throw new AppError({
    code: "promotion/alias-moved",
    message: `The gate compared with version ${judged?.version ?? "none"} of ${modelName}, but ${productionAlias} now points to ${now?.version ?? "nothing"}, because it was moved meanwhile.`,
    hint: "Nothing was recorded.",
    next: [nextStep("runs.resume", { run: context.runId }, "compares with the current production")],
    details: { decidedAgainst: judged?.version ?? null, now: now?.version ?? null },
  });
}

/** Tests that the gate uses; the others were only measured for the report. */
function isNeeded(context: StageContext, name: string): boolean {
  return (
    name === "reference" ||
    metricNamesOf(context.configs.promotion.value).some((metric) => metric.startsWith(`${name}_`))
  );
}

async function scoreProduction(
  context: StageContext,
  parts: DecideNeeds,
  { production, candidate }: { readonly production: Production; readonly candidate: readonly ScoredTest[] },
): Promise<ProductionEvidence> {
  const evidence = await productionEvidence(context, production, {
    tests: candidate,
    scoreModel: parts.scoreModel,
    known: (runId) => parts.knownEvaluation(context, runId),
  });
  const reference = context.results.split?.reference.sha256;
  if (evidence.isRescored && reference !== undefined)
    parts.recordReferenceRead(context, { sha256: reference, purpose: `score production ${production.version}` });
  return evidence;
}

function validationStatus(verdict: Verdict): string {
  return { PROMOTE: "approved", HOLD: "pending", REJECT: "rejected", INVALID: "invalid" }[verdict];
}
