import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { DecideResult } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import {
  productionAlias,
  productionOf,
  putIntoProduction,
} from "../../../foundation/mlflow/registry/registry-promotion.ts";
import { canonicalJson } from "../../ledger/canonical-json.ts";
import { productionMoves } from "../store.ts";
import { gateOf } from "./decision-entry.ts";
import { isTold, tellHead } from "./ledger-head.ts";
import { type DecisionEntry, indexEntry } from "./record-decision.ts";

/**
 * Does what a recorded decision says: moves the alias, archives what it replaced, and publishes the record. Every step may be repeated;
 * a decision that was carried out, or that a later move of production overtook, moves nothing any more.
 * @throws promotion/alias-moved where production is no longer what the decision was taken against
 */
export async function applyVerdict(context: StageContext, entry: DecisionEntry): Promise<DecideResult> {
  const { core, tracking, configs } = context;
  const { client } = tracking;
  const { modelName, candidate, alias, production } = entry.body;
  indexEntry(core, entry);
  const version = candidate.version ?? "";
  if (alias.after === version && alias.before !== version && (await isDue(context, entry))) {
    const now = await productionOf({ client, modelName });
    const stands = now?.version ?? null;
    if (stands !== version && stands !== alias.before) throw stale(entry, stands);
    const useStages = configs.promotion.value.use_stages;
    await putIntoProduction({ client, modelName, version, replaced: alias.before, useStages });
  }
  await publishRecord(context, entry);
  return {
    gate: gateOf(entry.body),
    ledgerIndex: entry.index,
    ledgerHash: entry.hash,
    modelName,
    modelVersion: version,
    productionBefore:
      production === null || production.version === null
        ? null
        : { version: production.version, runId: production.runId },
    isAliasMoved: alias.after === version,
    referenceReads: entry.body.referenceReads,
  };
}

async function isDue({ core, tracking }: StageContext, entry: DecisionEntry): Promise<boolean> {
  const last = productionMoves(core.catalogue(), entry.body.modelName).at(-1);
  if (last !== undefined && last.ledgerIndex > entry.index) return false;
  return !(await isTold(tracking.client, entry));
}

/** The record travels as an artifact, since a server may cut long values; its digest is a tag, and it is read back. */
async function publishRecord({ tracking, runId }: StageContext, entry: DecisionEntry): Promise<void> {
  const text = canonicalJson(entry);
  const artifact = { runId, artifactPath: "decision/decision.json" };
  await tracking.client.uploadText({ ...artifact, text });
  const back = await tracking.client.readText(artifact);
  if (sha256(back) !== sha256(text)) {
    throw new AppError({
      code: "tracking/artifact-changed",
      message: `${tracking.uri} gave back another decision.json than it was sent.`,
      hint: "Check the server's artifact store; the ledger's own entry is whole.",
    });
  }
  await tracking.client.setTags(runId, { "signalbox.decision_sha256": sha256(text) });
  await tellHead(tracking.client, entry);
}

function stale(entry: DecisionEntry, now: string | null): AppError {
  const { alias, modelName } = entry.body;
  return new AppError({
    code: "promotion/alias-moved",
    message: `Entry ${entry.index} promotes over version ${alias.before ?? "none"} of ${modelName}, but ${productionAlias} points to ${now ?? "nothing"} now: someone moved it meanwhile.`,
    hint: "Nothing was moved.",
    next: [nextStep("runs.start", { new: true }, "starts another run, which is compared with the present production")],
    details: { ledgerIndex: entry.index, decidedAgainst: alias.before, now },
  });
}
