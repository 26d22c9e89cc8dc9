import { nextStep } from "../../../contract/build-step.ts";
import type { ResolvedConfigs } from "../../../contract/configs/resolved.ts";
import { AppError } from "../../../contract/errors.ts";
import type { DecideResult } from "../../../contract/runs/stage-results.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import {
  productionAlias,
  productionOf,
  putIntoProduction,
} from "../../../foundation/mlflow/registry/registry-promotion.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { productionMoves } from "../store.ts";
import { gateOf } from "./decision-entry.ts";
import { carryOut, isTold } from "./ledger-head.ts";
import { type DecisionEntry, indexEntry } from "./record-decision.ts";
import { checkVersionOfRun } from "./version-of-run.ts";

/**
 * Carries out a recorded decision: moves the alias, archives the replaced version, and publishes the record. Every step may be repeated.
 * Moves nothing if the decision was already carried out, or if production was moved later.
 * @throws promotion/alias-moved if production isn't the version that the decision compared with
 */
export async function applyVerdict(at: Applying, entry: DecisionEntry): Promise<DecideResult> {
  const { core, tracking } = at;
  const { client } = tracking;
  const { modelName, candidate, alias, production, gate } = entry.body;
  indexEntry(core, entry);
  const version = candidate.version ?? "";
  await carryOut(core, { client, entry }, async () => {
    if (alias.after === version && alias.before !== version && (await isDue(at, entry))) {
      const now = await productionOf({ client, modelName });
      const stands = now?.version ?? null;
      if (stands !== version && stands !== alias.before) throw stale(entry, stands);
      await checkVersionOfRun(client, { modelName, version, runId: entry.body.runId });
      const useStages = at.configs?.promotion.value.use_stages ?? gate.use_stages;
      await putIntoProduction({ client, modelName, version, replaced: alias.before, useStages });
    }
    await publishRecord(at, entry);
  });
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

/** Where a decision is carried out. */
interface Applying {
  readonly core: Pick<Core, "catalogue" | "clock">;
  readonly tracking: Pick<Tracking, "client" | "uri">;
  /** The current setting if the stage of the run is running: whether MLflow's stages move may have changed since the gate was frozen. */
  readonly configs?: { readonly promotion: Pick<ResolvedConfigs["promotion"], "value"> };
}

async function isDue({ core, tracking }: Applying, entry: DecisionEntry): Promise<boolean> {
  const last = productionMoves(core.catalogue(), entry.body.modelName).at(-1);
  if (last !== undefined && last.ledgerIndex > entry.index) return false;
  return !(await isTold(tracking.client, entry));
}

/** Uploads the record as an artifact, because a server may cut long values. Its digest is a tag, and the record is read back. */
async function publishRecord({ tracking }: Applying, entry: DecisionEntry): Promise<void> {
  const { runId } = entry.body;
  const text = canonicalJson(entry);
  const artifact = { runId, artifactPath: "decision/decision.json" };
  await tracking.client.uploadText({ ...artifact, text });
  const back = await tracking.client.readText(artifact);
  if (sha256(back) !== sha256(text)) {
    throw new AppError({
      code: "tracking/artifact-changed",
      message: `${tracking.uri} returned a decision.json that differs from the one sent.`,
      hint: "Check the server's artifact store. The entry in the ledger is complete.",
    });
  }
  await tracking.client.setTags(runId, { "signalbox.decision_sha256": sha256(text) });
}

function stale(entry: DecisionEntry, now: string | null): AppError {
  const { alias, modelName } = entry.body;
  return new AppError({
    code: "promotion/alias-moved",
    message: `Entry ${entry.index} promotes over version ${alias.before ?? "none"} of ${modelName}, but ${productionAlias} now points to ${now ?? "nothing"}, because it was moved meanwhile.`,
    hint: "Nothing was moved.",
    next: [nextStep("runs.start", { new: true }, "starts another run, which is compared with the current production")],
    details: { ledgerIndex: entry.index, decidedAgainst: alias.before, now },
  });
}
