import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";

/** By target, the pooled view first, then by symbol; strings by code point. */
export function sortedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...candidates].sort(
    (a, b) => compareCodePoints(a.target, b.target) || compareCodePoints(a.symbol ?? "", b.symbol ?? ""),
  );
}
