import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";

/** By target, the pooled view first, then by symbol; strings by code point. */
export function sortedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...candidates].sort((a, b) => compareCodePoints(a.target, b.target) || compareViews(a.symbol, b.symbol));
}

/** The pooled view (null) before every segment, also before one whose name is empty. */
export function compareViews(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareCodePoints(a, b);
}
