import { readActiveContract } from "../areas/configs/active-contract.ts";
import { readConfig } from "../areas/configs/read/read-config.ts";
import type { RoutingNeeds } from "../areas/routing/needs.ts";
import { loadRoutingPolicy } from "../areas/routing/policy/routing-policy.ts";
import { resolveTargets } from "../areas/routing/policy/targets.ts";
import { executePlanRun } from "../areas/runs/pipeline/execute-plan-run.ts";
import { splitView } from "../areas/splits/split-views.ts";
import type { WiredCore } from "./offers.ts";
import { pipelineStages, sharedSplit } from "./pipelines.ts";

/** What is composed for routing of configuration, splits and runs. */
export function routingNeeds(core: WiredCore): RoutingNeeds {
  const where = { core, place: core.place, node: core.node };
  return {
    sharedSplit: (context) => sharedSplit({ ...context, ...where }),
    splitView: (context, shared, request) => splitView({ ...context, ...where }, shared, request),
    targets: () => resolveTargets(...readActiveContract(core.project().paths)),
    policy: () => loadRoutingPolicy(core.project().paths, readConfig),
    executePlanRun: (request, context) => executePlanRun({ core, stages: pipelineStages }, request, context),
  };
}
