import { versionFields } from "../../../contract/configs/config-kinds.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import type { DecisionRow } from "../../../contract/promotion.ts";
import { isModelOf } from "../../configs/server-names.ts";
import { readHead } from "../../ledger/store.ts";
import { decisionsOf, lastDecision, productionNow } from "../../promotion/store.ts";
import type { RunsCore } from "../needs.ts";
import { settleAndTell } from "../record/settle.ts";
import { listRuns } from "../store.ts";
import { summaryOf } from "./run-summary.ts";

/**
 * Shows the project at a glance, from the catalogue and the tracked files. Starts no server; queries one that is up to send the outcome of a
 * killed run, and to compare its production with the ledger.
 */
export async function projectStatus(
  core: Pick<
    RunsCore,
    "catalogue" | "clock" | "configs" | "environment" | "operations" | "outbox" | "project" | "projectDir"
  >,
  signal: AbortSignal,
): Promise<OperationOutput<"runs.status">> {
  const settled = await settleAndTell(core);
  const project = core.project();
  const active = core.configs.active();
  const catalogue = core.catalogue();
  const own = productionNow(catalogue).filter(({ modelName }) => isModelOf(project, modelName));
  const production = own.map((row) => productionOf(row, decisionsOf(catalogue, row.runId)));
  const isOwn = ({ model }: { readonly model: string }) => model === project.registeredModel;
  const last = lastDecision(catalogue);
  const now = core.clock.now().getTime();
  return {
    project: project.config.name,
    folder: core.projectDir,
    task: project.config.task,
    target: project.config.target,
    ...versionFields(active),
    production: production.find(isOwn) ?? null,
    routed: production.filter((it) => !isOwn(it)),
    problems: [...(await core.environment.problems(signal))],
    working: (await core.operations.active()).map(({ since, ...it }) => ({ ...it, sinceMs: now - since })),
    runs: listRuns(catalogue, { limit: 5 }).runs.map((run) => summaryOf(core, run)),
    ledgerEntries: readHead(catalogue)?.entries ?? 0,
    lastVerdict: last?.verdict ?? null,
    lastIsExperiment: last?.isExperiment ?? false,
    settled: [...settled],
  };
}

function productionOf(
  row: DecisionRow,
  decisions: readonly DecisionRow[],
): NonNullable<OperationOutput<"runs.status">["production"]> {
  const { modelName, productionAfter, runId, decidedAt, kind, ledgerIndex } = row;
  return {
    model: modelName,
    version: productionAfter ?? "",
    runId,
    since: decidedAt,
    by: kind,
    verdict: decisions.find((it) => it.kind === "decision")?.verdict ?? null,
    ledgerIndex,
  };
}
