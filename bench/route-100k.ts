import { defaultPolicy } from "../src-core/routing/policy.ts";
import { routeCandidates } from "../src-core/routing/route.ts";
import { atMost, type BenchOptions, type BenchResult, type Contestant, interleaved, timed } from "./bench.ts";
import { plannedFrom, routingTable } from "./routing-table.ts";

const barSeconds = 1;
const segments = 999;

/** A table of 100,000 candidates routed and planned, and whether a million takes ten times as long. */
export async function run({ repeats, log, trial }: BenchOptions): Promise<BenchResult> {
  const rows = trial?.rows ?? 100_000;
  const policy = defaultPolicy();
  const work = (targets: number) => {
    const candidates = routingTable(targets, segments);
    const route = () => routeCandidates({ candidates, policy, tiers: new Map() });
    return { route, both: () => plannedFrom(route()) };
  };
  const targets = Math.max(1, Math.round(rows / (segments + 1)));
  const small = work(targets);
  const warm = small.both();
  log(`${warm.metadata.total_jobs} jobs of ${targets * (segments + 1)} candidates`);
  const [routed, planned] = await interleaved(
    [
      { name: "routeCandidates", once: () => timed(small.route) },
      { name: "routeCandidates and buildTrainingPlan", once: () => timed(small.both) },
    ],
    trial?.repeats ?? repeats,
  );
  const large = work(10 * targets);
  // A plan of a million rows takes a gigabyte: it is made three times, and what is left of one is not the next one's time.
  const [million] = await interleaved([{ name: "ten times the rows", once: () => timed(large.both) }], 3, 3);
  if (!routed || !planned || !million) throw new Error("A contestant wasn't measured.");
  const tenfold: Contestant = { ...planned, name: "ten times its time", bestSeconds: 10 * planned.bestSeconds };
  const count = (targets * (segments + 1)).toLocaleString("en");
  return {
    lines: [
      {
        what: `${count} candidates routed and planned`,
        own: planned,
        peer: null,
        ratio: null,
        bar: `≤ ${barSeconds} s`,
        stretch: null,
        verdict: planned.bestSeconds <= barSeconds ? "meets the bar" : "falls short",
      },
      {
        what: `${count} candidates routed alone`,
        own: routed,
        peer: planned,
        ratio: routed.bestSeconds / planned.bestSeconds,
        bar: "none",
        stretch: null,
        verdict: "shown only",
      },
      atMost({ what: "ten times as many, for linearity", own: million, peer: tenfold, bar: 1.5, stretch: 1.1 }),
    ],
    notes: [`${targets} targets of ${segments} segments; the table is in memory, nothing is written.`],
  };
}
