import type { Routing } from "../src-core/areas/routing/decide/route.ts";
import { type ComparedJob, whatIf } from "../src-core/areas/routing/explain/what-if.ts";
import { planJobs } from "../src-core/areas/routing/plan/training-plan.ts";
import { defaultPolicy } from "../src-core/areas/routing/policy/policy.ts";
import { withOverrides } from "../src-core/areas/routing/policy/policy-overrides.ts";
import { type BenchOptions, type BenchResult, interleaved, timed } from "./bench.ts";
import { plannedTargets, routingTable } from "./routing-table.ts";

const barSeconds = 0.3;

/** Moves one threshold over 10,000 cells: routes and plans both policies, and reports the difference. */
export async function run({ repeats, log, trial }: BenchOptions): Promise<BenchResult> {
  const policy = defaultPolicy();
  const changed = withOverrides(policy, { "symbol.min_score": "0.57" });
  const targets = Math.max(1, Math.round((trial?.rows ?? 10_000) / 100));
  const candidates = routingTable(targets, 100);
  const known = plannedTargets(candidates.map(({ target }) => target));
  // As `signalbox route what-if` does: the jobs of both policies, without a plan's hash.
  const jobsOf = (routing: Routing) =>
    planJobs({ routing, targets: known, evidence: new Map(), sides: new Map() }).jobs.map(
      (job): ComparedJob => ({ key: job.job_id, device: job.resources.device, seconds: job.estimated_seconds }),
    );
  const ask = () => whatIf({ candidates, policy, changed, tiers: new Map(), jobsOf });
  const { routes, jobsAdded, jobsRemoved } = ask();
  log(`${routes.length} routes change, ${jobsAdded} jobs are added and ${jobsRemoved} removed`);
  const [own] = await interleaved([{ name: "whatIf", once: () => timed(ask) }], trial?.repeats ?? repeats);
  if (!own) throw new Error("A contestant wasn't measured.");
  return {
    lines: [
      {
        what: `what if over ${(targets * 100).toLocaleString("en")} cells`,
        own,
        peer: null,
        ratio: null,
        bar: `≤ ${barSeconds} s`,
        stretch: null,
        verdict: own.bestSeconds <= barSeconds ? "meets the bar" : "falls short",
      },
    ],
    notes: [
      `${targets} targets of 100 segments and a pooled view each, with the jobs of both policies; nothing is written.`,
    ],
  };
}
