import type { Core } from "../context.ts";
import { AppError } from "../contract/errors.ts";
import type { OperationOutput } from "../contract/index.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { archiveVersion, moveAlias, productionAlias, productionOf, stageTag } from "../mlflow/registry-promotion.ts";
import { actorOf } from "./actor.ts";
import { indexEntry } from "./record-decision.ts";
import { decisionsOf, productionMoves } from "./store.ts";

/** Moves of production that a person makes: a rollback and an override. Each is one ledger entry, written before the alias moves. */

interface Move {
  readonly kind: "rollback" | "override";
  readonly modelName: string;
  readonly runId: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  readonly decisionIndex: number | null;
}

async function move(core: Core, client: MlflowClient, it: Move): Promise<number> {
  const { modelName } = it;
  const entry = await core.ledger.append({
    kind: it.kind,
    actor: actorOf(core),
    body: {
      runId: it.runId,
      modelName,
      fromVersion: it.from,
      toVersion: it.to,
      reason: it.reason,
      decisionIndex: it.decisionIndex,
    },
  });
  indexEntry(core, entry);
  await moveAlias({ client, modelName, alias: productionAlias, version: it.to });
  await client.setModelVersionTag({ modelName, version: it.to }, stageTag, "production");
  if (it.kind === "override") {
    await client.setModelVersionTag({ modelName, version: it.to }, "signalbox.override", it.reason.slice(0, 1_000));
    await client.setTags(it.runId, { "signalbox.override": it.reason.slice(0, 1_000) });
  }
  if (it.from !== null && it.from !== it.to) await archiveVersion({ client, modelName, version: it.from });
  await client.setTags(it.runId, { "signalbox.ledger_head": `${entry.index}:${entry.hash}` });
  return entry.index;
}

export async function rollback(
  core: Core,
  asked: { readonly model?: string | undefined; readonly to?: string | undefined; readonly reason: string },
): Promise<OperationOutput<"promotion.rollback">> {
  const { client } = await core.tracking();
  const modelName = asked.model ?? core.project().registeredModel;
  const current = await productionOf({ client, modelName });
  if (current === null) throw nothing(`${modelName} has no production version`);
  const moves = productionMoves(core.catalogue(), modelName);
  const before = moves.findLast((it) => it.productionAfter === current.version)?.productionBefore ?? null;
  const to = asked.to ?? before;
  if (to === null) throw nothing(`version ${current.version} is the first that ${modelName} had in production`);
  if (to === current.version) throw nothing(`version ${to} is production already`);
  const version = await client.getModelVersion(modelName, to);
  if (version === undefined) {
    throw new AppError({
      code: "models/not-found",
      message: `${modelName} has no version ${to}.`,
      hint: `signalbox models show ${modelName}`,
    });
  }
  const ledgerIndex = await move(core, client, {
    kind: "rollback",
    modelName,
    runId: version.runId,
    from: current.version,
    to,
    reason: asked.reason,
    decisionIndex: moves.findLast((it) => it.productionAfter === current.version)?.ledgerIndex ?? null,
  });
  return { modelName, from: current.version, to, ledgerIndex };
}

export async function override(
  core: Core,
  asked: { readonly runId: string; readonly reason: string },
): Promise<OperationOutput<"promotion.override">> {
  const decided = decisionsOf(core.catalogue(), asked.runId).find((it) => it.kind === "decision");
  if (decided === undefined || decided.verdict === null) {
    throw new AppError({
      code: "promotion/not-decided",
      message: `Run ${asked.runId.slice(0, 8)} has no decision to override.`,
      hint: `signalbox stage decide --run ${asked.runId.slice(0, 8)} asks the gate first.`,
    });
  }
  const { client } = await core.tracking();
  const { modelName, modelVersion } = decided;
  const current = await productionOf({ client, modelName });
  if (current?.version === modelVersion) throw nothing(`version ${modelVersion} is production already`);
  const before = current?.version ?? null;
  const ledgerIndex = await move(core, client, {
    kind: "override",
    modelName,
    runId: asked.runId,
    from: before,
    to: modelVersion,
    reason: asked.reason,
    decisionIndex: decided.ledgerIndex,
  });
  return { modelName, version: modelVersion, verdict: decided.verdict, before, ledgerIndex };
}

function nothing(why: string): AppError {
  return new AppError({
    code: "promotion/nothing-to-roll-back",
    message: `There is nothing to move: ${why}.`,
    hint: "signalbox promotion list shows what was production when.",
  });
}
