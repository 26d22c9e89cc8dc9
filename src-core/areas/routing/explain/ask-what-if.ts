import type { OperationOutput } from "../../../contract/index.ts";
import type { Core } from "../../../foundation/context.ts";
import { readEvidence } from "../candidates/evidence-table.ts";
import type { Routing } from "../decide/route.ts";
import { routeProject } from "../decide/routing-inputs.ts";
import type { RoutingNeeds } from "../needs.ts";
import { planTargets } from "../plan/build-plan.ts";
import { planJobs } from "../plan/training-plan.ts";
import { policyEntries, policyText, valueAt } from "../policy/policy-keys.ts";
import { withOverrides } from "../policy/policy-overrides.ts";
import { whatIf } from "./what-if.ts";

/** What another policy would route and train on the same evidence; writes nothing. */
export async function askWhatIf(
  core: Pick<Core, "project">,
  needs: RoutingNeeds,
  set: Readonly<Record<string, string>>,
): Promise<OperationOutput<"routing.whatIf">> {
  const { table, loaded, tiers, targets } = await routeProject(core, needs);
  const changed = withOverrides(loaded.policy, set);
  const evidence = readEvidence(core.project().paths.routing);
  const known =
    targets.length > 0
      ? planTargets(targets)
      : new Map(
          table.candidates.map(
            ({ target }) => [target, { name: target, families: [{ name: "any", stage: 1, device: "cpu" }] }] as const,
          ),
        );
  const jobsOf = (routing: Routing) =>
    planJobs({ routing, targets: known, evidence, sides: new Map() }).jobs.map((job) => ({
      key: job.job_id,
      device: job.resources.device,
      seconds: job.estimated_seconds,
    }));
  const found = whatIf({ candidates: table.candidates, policy: loaded.policy, changed, tiers, jobsOf });
  const hours = (workload: (typeof found)["before"], value: number) => (workload.withoutEstimate > 0 ? null : value);
  return {
    changed: policyEntries(changed).flatMap(([key, value]) => {
      const was = valueAt(loaded.policy, key);
      const [from, to] = [policyText(was), policyText(value)];
      return from === to ? [] : [{ key, from, to }];
    }),
    routes: found.routes.map((route) => ({ ...route })),
    jobsAdded: found.jobsAdded,
    jobsRemoved: found.jobsRemoved,
    jobsBefore: found.before.jobs,
    jobsAfter: found.after.jobs,
    cpuHoursBefore: hours(found.before, found.before.cpuHours),
    cpuHoursAfter: hours(found.after, found.after.cpuHours),
    gpuHoursBefore: hours(found.before, found.before.gpuHours),
    gpuHoursAfter: hours(found.after, found.after.gpuHours),
  };
}
