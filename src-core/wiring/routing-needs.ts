import { versionPath } from "../areas/configs/freeze/versions.ts";
import { loadActive } from "../areas/configs/project.ts";
import { readConfig } from "../areas/configs/read/read-config.ts";
import type { RoutingNeeds } from "../areas/routing/needs.ts";
import { loadRoutingPolicy } from "../areas/routing/policy/routing-policy.ts";
import { resolveTargets } from "../areas/routing/policy/targets.ts";
import { codeVersion } from "../areas/runs/pipeline/code-version.ts";
import { executePlanRun } from "../areas/runs/pipeline/execute-plan-run.ts";
import { settleRuns } from "../areas/runs/record/settle.ts";
import { finishedRunsOfJob } from "../areas/runs/store.ts";
import { hashMaster } from "../areas/splits/master/master-files.ts";
import { splitView } from "../areas/splits/split-views.ts";
import { dataContractSchema } from "../contract/configs/data-contract.ts";
import { projectConfigSchema } from "../contract/configs/project-config.ts";
import type { WiredCore } from "./offers.ts";
import { pipelineStages, sharedSplit } from "./pipelines.ts";

/** What routing needs of configuration, splits and runs. */
export function routingNeeds(core: WiredCore): RoutingNeeds {
  return {
    resolveConfigs: (settings) => core.configs.resolve(settings),
    askedAt: () => core.operations.working()?.requestedAt,
    sharedSplit: (context) => sharedSplit({ ...context, core }),
    splitView: (context, shared, request) => splitView({ ...context, core }, shared, request),
    targets: () => {
      const { paths } = core.project();
      const version = loadActive(paths).value.data_contract_version;
      return resolveTargets(
        readConfig(paths.root, "signalbox.yaml", projectConfigSchema),
        readConfig(paths.root, versionPath("data_contract", version), dataContractSchema),
      );
    },
    policy: () => loadRoutingPolicy(core.project().paths, readConfig),
    masterSha256: async () => {
      const { paths, config } = core.project();
      return await hashMaster(paths.root, config.master).sha256;
    },
    finishedRun: (jobId, dataHash) => {
      for (const { runId } of finishedRunsOfJob(core.catalogue(), jobId)) {
        const planRun = core.runs.planRun(runId);
        const { train } = core.runs.results(runId);
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
