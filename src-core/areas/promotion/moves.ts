import { askingStep, nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { OperationOutput } from "../../contract/index.ts";
import type { LedgerEntry } from "../../contract/ledger.ts";
import type { DecisionRow } from "../../contract/promotion.ts";
import { actorOf } from "../../foundation/exec/caller/actor.ts";
import type { MlflowClient } from "../../foundation/mlflow/client.ts";
import { productionOf, putIntoProduction } from "../../foundation/mlflow/registry/registry-promotion.ts";
import { carryOut, isTold } from "./decide/ledger-head.ts";
import { putRows } from "./decide/record-decision.ts";
import { checkVersionOfRun } from "./decide/version-of-run.ts";
import type { PromotionCore } from "./needs.ts";
import { decisionsOf, productionMoves } from "./store.ts";

/**
 * Moves of production by the user: rollback and override. Each is a ledger entry, written before the alias moves. Neither touches a model of
 * another project, or continues a ledger that misses an entry which the server knows.
 */

export type MoveEntry = Extract<LedgerEntry, { readonly kind: "rollback" | "override" }>;

async function move(
  core: Pick<PromotionCore, "catalogue" | "clock" | "env" | "ledger">,
  client: MlflowClient,
  it: Pick<MoveEntry, "kind" | "body">,
): Promise<number> {
  const entry = await core.ledger.append(
    { kind: it.kind, actor: actorOf(core), body: it.body },
    { alsoWrite: putRows },
  );
  // Only moves are passed above, and the ledger doesn't change the kind of an entry.
  await applyMove(core, client, entry as MoveEntry);
  return entry.index;
}

/** Carries out a recorded move. Every step may be repeated. */
async function applyMove(
  core: Pick<PromotionCore, "catalogue" | "clock" | "ledger">,
  client: MlflowClient,
  entry: MoveEntry,
): Promise<void> {
  const { modelName, runId, fromVersion: replaced, toVersion: version, reason } = entry.body;
  const useStages = await usesStages(core, modelName);
  await carryOut(core, { client, entry }, async () => {
    await putIntoProduction({ client, modelName, version, replaced, useStages });
    if (entry.kind !== "override") return;
    const tag = reason.slice(0, 1_000);
    await client.setModelVersionTag({ modelName, version }, "signalbox.override", tag);
    await client.setTags(runId, { "signalbox.override": tag });
  });
}

/** Checks whether the gate of this model's last decision also moves MLflow's stages. */
async function usesStages(core: Pick<PromotionCore, "ledger">, modelName: string): Promise<boolean> {
  const entries = await core.ledger.read();
  const last = entries.findLast((it) => it.kind === "decision" && it.body.modelName === modelName);
  return last?.kind === "decision" && last.body.gate.use_stages;
}

/**
 * Finishes a move that is in the ledger but didn't reach the registry (a crash, a server that went down), and returns it. Ignores a move
 * that did and was then undone elsewhere. The head in the tag of its run tells the two cases apart.
 */
export async function settleMove(
  core: Pick<PromotionCore, "catalogue" | "clock" | "ledger">,
  client: MlflowClient,
  modelName: string,
): Promise<MoveEntry | null> {
  const last = productionMoves(core.catalogue(), modelName).at(-1);
  if (last === undefined || last.kind === "decision") return null;
  const entry = (await core.ledger.read()).find(({ index }) => index === last.ledgerIndex);
  if (entry === undefined || entry.kind === "decision" || (await isTold(client, entry))) return null;
  const now = (await productionOf({ client, modelName }))?.version ?? null;
  if (now !== last.productionBefore && now !== last.productionAfter) return null;
  await applyMove(core, client, entry);
  return entry;
}

export async function rollback(
  core: Pick<PromotionCore, "catalogue" | "clock" | "env" | "ledger" | "ownership" | "project" | "tracking">,
  asked: { readonly model?: string | undefined; readonly to?: string | undefined; readonly reason: string },
): Promise<OperationOutput<"promotion.rollback">> {
  const tracking = await core.tracking();
  const { client } = tracking;
  const modelName = asked.model ?? core.project().registeredModel;
  await core.ownership.check(tracking, [{ registeredModel: modelName }]);
  const settled = await settleMove(core, client, modelName);
  if (settled?.kind === "rollback" && (asked.to ?? settled.body.toVersion) === settled.body.toVersion) {
    // The same command again, after a first try that was recorded but not carried out.
    const { fromVersion, toVersion: to } = settled.body;
    return { modelName, from: fromVersion ?? to, to, ledgerIndex: settled.index };
  }
  const current = await productionOf({ client, modelName });
  const moves = productionMoves(core.catalogue(), modelName);
  // Where another program removed the alias, the recorded production is what there is to return to.
  const to =
    asked.to ?? (current === null ? (moves.at(-1)?.productionAfter ?? null) : versionBefore(moves, current.version));
  if (to === null && current === null) throw nothing(`${modelName} has no production version`);
  if (to === null) throw nothing(`version ${current?.version} is the first production version of ${modelName}`);
  if (to === current?.version) throw nothing(`version ${to} is already in production`);
  const version = await client.getModelVersion(modelName, to);
  if (version === undefined) {
    throw new AppError({
      code: "models/not-found",
      message: `${modelName} has no version ${to}.`,
      next: [nextStep("models.show", { name: modelName }, "shows its versions")],
    });
  }
  if (!moves.some((it) => it.productionBefore === to || it.productionAfter === to)) {
    throw new AppError({
      code: "promotion/nothing-to-roll-back",
      message: `Version ${to} of ${modelName} was never in production, so you can't roll back to it.`,
      next: [
        askingStep(
          "promotion.override",
          { input: { run: version.runId }, asks: ["reason"] },
          "promotes it against the gate's verdict",
        ),
      ],
      details: { modelName, version: to },
    });
  }
  const decided = moves.find((it) => it.productionAfter === to);
  if (decided !== undefined) await checkVersionOfRun(client, { modelName, version: to, runId: decided.runId });
  const ledgerIndex = await move(core, client, {
    kind: "rollback",
    body: {
      ...{
        modelName,
        runId: version.runId,
        fromVersion: current?.version ?? null,
        toVersion: to,
        reason: asked.reason,
      },
      decisionIndex: moves.findLast((it) => it.productionAfter === (current?.version ?? to))?.ledgerIndex ?? null,
    },
  });
  return { modelName, from: current?.version ?? to, to, ledgerIndex };
}

export async function override(
  core: Pick<PromotionCore, "catalogue" | "clock" | "env" | "ledger" | "ownership" | "tracking">,
  asked: { readonly runId: string; readonly reason: string },
): Promise<OperationOutput<"promotion.override">> {
  const decided = decisionsOf(core.catalogue(), asked.runId).find((it) => it.kind === "decision");
  if (decided === undefined || decided.verdict === null) {
    throw new AppError({
      code: "promotion/not-decided",
      message: `Run ${asked.runId.slice(0, 8)} has no decision to override.`,
      next: [nextStep("runs.stage", { name: "decide", run: asked.runId }, "decides first")],
    });
  }
  const tracking = await core.tracking();
  const { client } = tracking;
  const { modelName, modelVersion } = decided;
  await core.ownership.check(tracking, [{ registeredModel: modelName }]);
  const settled = await settleMove(core, client, modelName);
  if (settled?.kind === "override" && settled.body.runId === asked.runId) {
    const { fromVersion: before, toVersion: version } = settled.body;
    return { modelName, version, verdict: decided.verdict, before, ledgerIndex: settled.index };
  }
  const current = await productionOf({ client, modelName });
  const recorded = productionMoves(core.catalogue(), modelName).at(-1)?.productionAfter ?? null;
  // One that another program put there is in no entry yet: this one explains it.
  if (current?.version === modelVersion && recorded === modelVersion)
    throw nothing(`version ${modelVersion} is already in production`);
  await checkVersionOfRun(client, { modelName, version: modelVersion, runId: asked.runId });
  const before = current?.version ?? null;
  const ledgerIndex = await move(core, client, {
    kind: "override",
    body: {
      ...{ modelName, runId: asked.runId, fromVersion: before, toVersion: modelVersion, reason: asked.reason },
      decisionIndex: decided.ledgerIndex,
    },
  });
  return { modelName, version: modelVersion, verdict: decided.verdict, before, ledgerIndex };
}

/**
 * Finds the previous production version. Versions that were rolled back don't count.
 * @param moves moves of a model, oldest first
 */
export function versionBefore(moves: readonly DecisionRow[], current: string): string | null {
  const past: string[] = [];
  for (const { kind, productionBefore, productionAfter } of moves) {
    if (productionBefore !== null && past.at(-1) !== productionBefore) past.push(productionBefore);
    if (productionAfter === null) continue;
    const known = kind === "rollback" ? past.lastIndexOf(productionAfter) : -1;
    if (known >= 0) past.length = known + 1;
    else past.push(productionAfter);
  }
  return past[past.lastIndexOf(current) - 1] ?? null;
}

function nothing(why: string): AppError {
  return new AppError({
    code: "promotion/nothing-to-roll-back",
    message: `There is nothing to move: ${why}.`,
    next: [nextStep("promotion.list", {}, "shows the history of production")],
  });
}
