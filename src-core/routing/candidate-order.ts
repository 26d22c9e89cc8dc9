import type { Candidate } from "../contract/routing-plans.ts";
import { compareCodePoints } from "../versioning/code-points.ts";

/** By target, the pooled view first, then by symbol; texts by code point. */
export function sortedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...candidates].sort(
    (a, b) => compareCodePoints(a.target, b.target) || compareCodePoints(a.symbol ?? "", b.symbol ?? ""),
  );
}
