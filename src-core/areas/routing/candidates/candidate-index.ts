import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import { sortedTexts } from "../../../foundation/text/code-points.ts";

/** One target's rows of the candidate table. */
export interface TargetRows {
  readonly target: string;
  readonly crossSectional: Candidate | null;
  /** In the order of the index's symbols; null if the table has no row. */
  readonly segments: readonly (Candidate | null)[];
}

export interface CandidateIndex {
  /** By target, in the order of code points. */
  readonly targets: readonly TargetRows[];
  /** Every segment that any target has a row for: the segments of each target. In the order of code points. */
  readonly symbols: readonly string[];
}

interface Found {
  crossSectional: Candidate | null;
  /** By the symbols' order of appearance, with holes. */
  readonly segments: (Candidate | undefined)[];
}

/** The table by target and segment, whatever the order of its rows. A row costs one lookup of its symbol: a table may have a million. */
export function indexCandidates(candidates: readonly Candidate[]): CandidateIndex {
  const found = new Map<string, Found>();
  const places = new Map<string, number>();
  for (const candidate of candidates) {
    const rows = foundOf(found, candidate.target);
    if (candidate.symbol === null) {
      if (rows.crossSectional !== null) throw twice(candidate);
      rows.crossSectional = candidate;
      continue;
    }
    let place = places.get(candidate.symbol);
    if (place === undefined) {
      place = places.size;
      places.set(candidate.symbol, place);
    }
    if (rows.segments[place] !== undefined) throw twice(candidate);
    rows.segments[place] = candidate;
  }
  const symbols = sortedTexts(places.keys());
  const order = symbols.map((symbol) => places.get(symbol) ?? 0);
  const none: Found = { crossSectional: null, segments: [] };
  return {
    targets: sortedTexts(found.keys()).map((target) => {
      const { crossSectional, segments } = found.get(target) ?? none;
      return { target, crossSectional, segments: order.map((place) => segments[place] ?? null) };
    }),
    symbols,
  };
}

function foundOf(found: Map<string, Found>, target: string): Found {
  const known = found.get(target);
  if (known !== undefined) return known;
  const made: Found = { crossSectional: null, segments: [] };
  found.set(target, made);
  return made;
}

function twice({ target, symbol }: Candidate): Error {
  return new Error(`The candidate ${target}/${viewName(symbol)} occurs twice.`);
}
