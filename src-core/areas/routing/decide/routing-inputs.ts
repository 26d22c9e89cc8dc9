import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { type PlanInputs, type RoutingPlan, routingPlanSchema } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import {
  type CandidateTable,
  findCandidates,
  type ReadOptions,
  readCandidates,
} from "../candidates/candidate-files.ts";
import type { RoutingCore, RoutingNeeds } from "../needs.ts";
import { type HorizonTier, horizonTier, policyMarks } from "../policy/policy.ts";
import type { LoadedPolicy } from "../policy/routing-policy.ts";
import type { Target } from "../policy/targets.ts";
import { type Routing, routeCandidates } from "./route.ts";
import { buildRoutingPlan, routingPlanHash } from "./routing-plan.ts";

/** Candidates, policy and horizons, and the resulting routes. */
export interface Routed {
  readonly table: CandidateTable;
  readonly loaded: LoadedPolicy;
  readonly tiers: ReadonlyMap<string, HorizonTier>;
  readonly routing: Routing;
  readonly targets: readonly Target[];
}

/** @param candidates an absolute file instead of the project's own table */
export async function routeProject(
  core: Pick<RoutingCore, "project">,
  needs: Pick<RoutingNeeds, "policy" | "targets">,
  candidates?: string,
): Promise<Routed> {
  const { paths, config } = core.project();
  const loaded = needs.policy();
  const targets = config.targets === undefined ? [] : needs.targets();
  const options = taskNames(core, needs);
  const table =
    candidates === undefined ? await findCandidates(paths.routing, options) : await readCandidates(candidates, options);
  const tiers = new Map(targets.map(({ name, horizonMinutes }) => [name, horizonTier(horizonMinutes)]));
  return {
    table,
    loaded,
    tiers,
    targets,
    routing: routeCandidates({ candidates: table.candidates, policy: loaded.policy, tiers }),
  };
}

/** The tasks for a candidate table without them: the project's own targets know their tasks. */
export function taskNames(core: Pick<RoutingCore, "project">, needs: Pick<RoutingNeeds, "targets">): ReadOptions {
  const targets = core.project().config.targets === undefined ? [] : needs.targets();
  const tasks = new Map(
    targets.map(({ name, task }) => [name, task === "binary" ? ("classification" as const) : task] as const),
  );
  return { taskOf: (target) => tasks.get(target) };
}

export async function routingPlanOf(
  core: Pick<RoutingCore, "clock"> & { readonly runs: Pick<RoutingCore["runs"], "gitCommit"> },
  routed: Routed,
): Promise<RoutingPlan> {
  const { loaded, table, routing } = routed;
  return buildRoutingPlan({
    routing,
    metadata: {
      generated_at: core.clock.now().toISOString(),
      git_commit: await core.runs.gitCommit(),
      config_hash: loaded.digest,
      candidates_hash: table.digest,
      marks: [...policyMarks(loaded.policy)],
    },
  });
}

/** @throws routing/plan-missing, routing/plan-corrupt */
export function readRoutingPlan(routing: string): RoutingPlan {
  const file = path.join(routing, "routing_plan.json");
  if (!existsSync(file)) {
    throw new AppError({
      code: "routing/plan-missing",
      message: `There is no routing plan ${file}.`,
      next: [nextStep("routing.build", {}, "makes one")],
      details: { file },
    });
  }
  try {
    return routingPlanSchema.parse(JSON.parse(readText(file)));
  } catch (error) {
    throw new AppError({
      code: "routing/plan-corrupt",
      message: `The routing plan ${file} can't be read: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
      next: [nextStep("routing.build", {}, "rebuilds it")],
      details: { file },
      cause: error,
    });
  }
}

/** The current digests of a plan's inputs. */
export async function planInputsNow(
  core: Pick<RoutingCore, "configs" | "project" | "splits">,
  routed: Pick<Routed, "loaded" | "table" | "targets">,
): Promise<PlanInputs> {
  const project = core.project();
  const { split, feature, dataContract } = await core.configs.resolve({});
  const { targets } = routed;
  const described = { targets, segments: project.config.segments, selection: project.config.selection };
  return {
    candidates_hash: routed.table.digest,
    config_hash: routed.loaded.digest,
    routing_plan_hash: routingPlanHash(readRoutingPlan(project.paths.routing)),
    dataset_hash: await core.splits.masterSha256(),
    split_hash: sha256(JSON.stringify([split.digest, dataContract.digest])),
    features_hash: feature.digest,
    project_hash: sha256(canonicalJson(JSON.parse(JSON.stringify(described)))),
  };
}

/** Requires the routing plan to match the current candidates and policy. @throws routing/plan-stale, routing/plan-missing */
export function refuseStaleRoutes(
  core: Pick<RoutingCore, "project">,
  { loaded, table }: Pick<Routed, "loaded" | "table">,
): void {
  const { metadata } = readRoutingPlan(core.project().paths.routing);
  const stale = [
    ...(metadata.config_hash === loaded.digest ? [] : ["the policy (configs/routing.yaml)"]),
    ...(metadata.candidates_hash === table.digest ? [] : ["the candidate table"]),
  ];
  if (stale.length === 0) return;
  throw new AppError({
    code: "routing/plan-stale",
    message: `The routing plan was made from other inputs: ${stale.join(" and ")} changed.`,
    next: [nextStep("routing.build", {}, "routes again")],
    details: { stale },
  });
}
