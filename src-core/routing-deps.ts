import { loadActive } from "./configs/project.ts";
import { readConfig } from "./configs/read-config.ts";
import { loadRoutingPolicy } from "./configs/routing-policy.ts";
import { resolveTargets } from "./configs/targets.ts";
import { versionPath } from "./configs/versions.ts";
import type { Core } from "./context.ts";
import { dataContractSchema } from "./contract/data-contract.ts";
import { projectConfigSchema } from "./contract/project-config.ts";
import type { RoutingDeps } from "./routing/deps.ts";
import { codeVersion } from "./runs/code-version.ts";
import { executePlanRun } from "./runs/execute-plan-run.ts";
import { settleRuns } from "./runs/settle.ts";
import { finishedRunsOfJob } from "./runs/store.ts";
import { hashMaster } from "./splits/master-files.ts";
import { splitView } from "./splits/views.ts";
import { pipelineStages, sharedSplit } from "./stages.ts";

/** What routing needs of configuration, splits and runs. */
export function routingDeps(core: Core): RoutingDeps {
  return {
    sharedSplit,
    splitView,
    targets: () => {
      const { paths } = core.project();
      const version = loadActive(paths).value.data_contract_version;
      return resolveTargets(
        readConfig(paths.root, "signalbox.yaml", projectConfigSchema),
        readConfig(paths.root, versionPath("data_contract", version), dataContractSchema),
      );
    },
    policy: () => loadRoutingPolicy(core.project().paths),
    masterSha256: async () => {
      const { paths, config } = core.project();
      return await hashMaster(paths.root, config.master).sha256;
    },
    finishedRun: (jobId, dataHash) => {
      for (const { runId } of finishedRunsOfJob(core.catalogue(), jobId)) {
        const planRun = core.planRun(runId);
        const { train } = core.runResults(runId);
        if (planRun !== undefined && planRun.dataHash === dataHash && train !== undefined)
          return { runId, planRun, train };
      }
      return undefined;
    },
    executePlanRun: (request, context) => executePlanRun({ core, stages: pipelineStages }, request, context),
    settleRuns: () => void settleRuns(core),
    gitCommit: async () => {
      const version = await codeVersion(core.projectDir);
      return version === "none" ? null : version;
    },
  };
}
