import type { Candidate } from "../contract/routing-plans.ts";
import { sortedTexts } from "./code-point-order.ts";

/** One target's rows of the candidate table. */
export interface TargetRows {
  readonly target: string;
  readonly crossSectional: Candidate | null;
  readonly bySymbol: ReadonlyMap<string, Candidate>;
}

export interface CandidateIndex {
  /** By target, in the order of code points. */
  readonly targets: readonly TargetRows[];
  /** Every segment that any target has a row for: the segments of each target. In the order of code points. */
  readonly symbols: readonly string[];
}

/** The table by target and segment, whatever the order of its rows. */
export function indexCandidates(candidates: readonly Candidate[]): CandidateIndex {
  const rows = new Map<string, { crossSectional: Candidate | null; readonly bySymbol: Map<string, Candidate> }>();
  const symbols = new Set<string>();
  for (const candidate of candidates) {
    const { target, symbol } = candidate;
    let of = rows.get(target);
    if (of === undefined) {
      of = { crossSectional: null, bySymbol: new Map() };
      rows.set(target, of);
    }
    if ((symbol === null ? of.crossSectional : of.bySymbol.get(symbol)) != null)
      throw new Error(`The candidate ${target}/${symbol ?? "CS"} is there twice.`);
    if (symbol === null) of.crossSectional = candidate;
    else {
      of.bySymbol.set(symbol, candidate);
      symbols.add(symbol);
    }
  }
  const none = { crossSectional: null, bySymbol: new Map<string, Candidate>() };
  return {
    targets: sortedTexts(rows.keys()).map((target) => ({ target, ...(rows.get(target) ?? none) })),
    symbols: sortedTexts(symbols),
  };
}
