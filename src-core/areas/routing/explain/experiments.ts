import { type Experiment, ranked } from "../decide/experimental-cap.ts";
import { scoreIn, type TargetDecision } from "../decide/route.ts";
import type { RoutingPolicy } from "../policy/policy.ts";

/** A target's experiments, including those over the cap, in the order in which they keep their place. */
export function experimentsIn({ segments }: TargetDecision, policy: RoutingPolicy): readonly Experiment[] {
  return ranked(
    segments
      .filter(({ view }) => view.signal === "EXPERIMENTAL" || view.isCapped)
      .map(({ symbol, view }) => ({ symbol, score: scoreIn(view, policy) })),
  );
}
