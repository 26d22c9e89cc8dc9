import { type Routing, routeCandidates } from "../src-core/areas/routing/decide/route.ts";
import { buildRoutingPlan, routingPlanHash } from "../src-core/areas/routing/decide/routing-plan.ts";
import { defaultPolicy } from "../src-core/areas/routing/policy/policy.ts";
import type { Candidate, TrainingPlan } from "../src-core/contract/routing/routing-plans.ts";
import {
  atMost,
  type BenchOptions,
  type BenchResult,
  type Contestant,
  interleaved,
  type Runner,
  shownOnly,
  timed,
} from "./bench.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { madeUpDigest, plannedFrom, routingTable } from "./routing-table.ts";

const barSeconds = 1;
const segments = 999;
const policy = defaultPolicy();

const routed = (candidates: readonly Candidate[]): Routing => routeCandidates({ candidates, policy, tiers: new Map() });

/** Computes everything that `signalbox routing run` decides: the routes, the routing plan and its hash, the training plan and its hash. */
function planned(candidates: readonly Candidate[]): TrainingPlan {
  const routing = routed(candidates);
  const hashes = { config_hash: madeUpDigest, candidates_hash: madeUpDigest };
  const metadata = { generated_at: "2013-04-01T00:00:00Z", git_commit: null, ...hashes, marks: [] };
  return plannedFrom(routing, routingPlanHash(buildRoutingPlan({ routing, metadata })));
}

/** Each repeat begins with a clean heap, as a command does. */
const once = (name: string, work: () => unknown): Runner => ({
  name,
  once: () => {
    collectGarbage();
    return timed(work);
  },
});

/** Routes and plans a table of 100,000 candidates, and checks whether a million take ten times as long. */
export async function run({ repeats, log, trial }: BenchOptions): Promise<BenchResult> {
  const targets = Math.max(1, Math.round((trial?.rows ?? 100_000) / (segments + 1)));
  const small = routingTable(targets, segments);
  log(`${planned(small).metadata.total_jobs} jobs of ${small.length} candidates`);
  const [alone, all] = await interleaved(
    [once("routes", () => routed(small)), once("routes and both plans", () => planned(small))],
    trial?.repeats ?? repeats,
  );
  const large = routingTable(10 * targets, segments);
  // Seconds each, and no contestant to alternate with: three are enough for a minimum.
  const [million] = await interleaved([once("ten times the rows", () => planned(large))], 3, 3);
  if (!alone || !all || !million) throw new Error("A contestant wasn't measured.");
  const tenfold: Contestant = { ...all, name: "ten times its time", bestSeconds: 10 * all.bestSeconds };
  const count = small.length.toLocaleString("en");
  return {
    lines: [
      {
        what: `${count} candidates routed and planned`,
        own: all,
        peer: null,
        ratio: null,
        bar: `≤ ${barSeconds} s`,
        stretch: null,
        verdict: all.bestSeconds <= barSeconds ? "meets the bar" : "falls short",
      },
      shownOnly({ what: `${count} candidates routed alone`, own: alone, peer: all }),
      atMost({ what: "ten times as many, for linearity", own: million, peer: tenfold, bar: 1.5, stretch: 1.1 }),
    ],
    notes: [
      `${targets} targets of ${segments} segments; the table is in memory, nothing is written.`,
      "Routes, routing plan with its hash, training plan with its hash.",
    ],
  };
}
