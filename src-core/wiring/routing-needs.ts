import { readActiveContract } from "../areas/configs/active-contract.ts";
import { readConfig } from "../areas/configs/read/read-config.ts";
import type { RoutingNeeds } from "../areas/routing/needs.ts";
import { loadRoutingPolicy } from "../areas/routing/policy/routing-policy.ts";
import { resolveTargets } from "../areas/routing/policy/targets.ts";
import { gitCommit } from "../areas/runs/pipeline/code-version.ts";
import { executePlanRun } from "../areas/runs/pipeline/execute-plan-run.ts";
import { findFinishedJob } from "../areas/runs/record/finished-job.ts";
import { settleRuns } from "../areas/runs/record/settle.ts";
import { hashMaster } from "../areas/splits/master/master-files.ts";
import { splitView } from "../areas/splits/split-views.ts";
import type { WiredCore } from "./offers.ts";
import { pipelineStages, sharedSplit } from "./pipelines.ts";

/** What routing needs of configuration, splits and runs. */
export function routingNeeds(core: WiredCore): RoutingNeeds {
  const where = { core, place: core.place, node: core.node };
  return {
    resolveConfigs: (settings) => core.configs.resolve(settings),
    askedAt: () => core.operations.working()?.requestedAt,
    sharedSplit: (context) => sharedSplit({ ...context, ...where }),
    splitView: (context, shared, request) => splitView({ ...context, ...where }, shared, request),
    targets: () => resolveTargets(...readActiveContract(core.project().paths)),
    policy: () => loadRoutingPolicy(core.project().paths, readConfig),
    masterSha256: async () => {
      const { paths, config } = core.project();
      return await hashMaster(paths.root, config.master).sha256;
    },
    finishedRun: (jobId, dataHash) => findFinishedJob(core, jobId, dataHash),
    executePlanRun: (request, context) => executePlanRun({ core, stages: pipelineStages }, request, context),
    settleRuns: () => void settleRuns(core),
    gitCommit: () => gitCommit(core),
  };
}
