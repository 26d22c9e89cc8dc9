import { versionFields } from "../../../contract/configs/config-kinds.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import { readHead } from "../../ledger/store.ts";
import { lastDecision, productionMoves } from "../../promotion/store.ts";
import type { RunsCore } from "../needs.ts";
import { settleAndTell } from "../record/settle.ts";
import { listRuns } from "../store.ts";
import { summaryOf } from "./run-summary.ts";

/** Shows the project at a glance, from the catalogue and the tracked files. Starts no server; queries one only to send the outcome of a killed
 * run. */
export async function projectStatus(
  core: Pick<RunsCore, "catalogue" | "clock" | "configs" | "operations" | "outbox" | "project" | "projectDir">,
): Promise<OperationOutput<"runs.status">> {
  const settled = await settleAndTell(core);
  const project = core.project();
  const active = core.configs.active();
  const catalogue = core.catalogue();
  const production = productionMoves(catalogue, project.registeredModel).at(-1);
  const last = lastDecision(catalogue);
  const now = core.clock.now().getTime();
  return {
    project: project.config.name,
    folder: core.projectDir,
    task: project.config.task,
    target: project.config.target,
    ...versionFields(active),
    production:
      production === undefined
        ? null
        : {
            model: production.modelName,
            version: production.productionAfter ?? "",
            runId: production.runId,
            since: production.decidedAt,
          },
    working: (await core.operations.active()).map(({ since, ...it }) => ({ ...it, sinceMs: now - since })),
    runs: listRuns(catalogue, { limit: 5 }).runs.map((run) => summaryOf(core, run)),
    ledgerEntries: readHead(catalogue)?.entries ?? 0,
    lastVerdict: last?.verdict ?? null,
    settled: [...settled],
  };
}
