import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candidate,
  policyArbitrary,
  propertyRuns,
  tableArbitrary,
} from "../../../../test/support/routing-candidates.ts";
import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { defaultPolicy } from "../policy/policy.ts";
import { thresholdsOf, type ViewThresholds } from "../policy/thresholds.ts";
import { scoreOf } from "./eligibility-rules.ts";
import { sharedWords } from "./shared-words.ts";

const words = (row: Candidate, t: ViewThresholds) => {
  const score = scoreOf(row, t);
  const shown = score === null ? "none" : Math.round(score * 1e4) / 1e4 + 0;
  return `${shown} ${row.stability} ${row.leakage_status} ${t.minScore.value} ${t.view}`;
};

describe("words that many views share", () => {
  it("are built once for views that they are equally true of", () => {
    const made: string[] = [];
    const counted = sharedWords(
      (row, t) => {
        made.push(row.symbol ?? "CS");
        return words(row, t);
      },
      { score: scoreOf, level: "minScore" },
    );
    const thresholds = thresholdsOf(defaultPolicy());
    for (const symbol of ["AA", "UA", "B6"]) {
      const row = candidate({ symbol, score: 0.61234 });
      expect(counted(row, thresholds(row, "default"))).toBe("0.6123 STABLE SAFE 0.54 symbol");
    }
    expect(made).toEqual(["AA"]);
  });

  it("are right for each view, whatever the table and the policy", () => {
    const property = fc.property(tableArbitrary(), policyArbitrary, (rows, policy) => {
      const shared = sharedWords(words, { score: scoreOf, level: "minScore" });
      const thresholds = thresholdsOf(policy);
      for (const row of [...rows, ...rows]) {
        const t = thresholds(row, "short");
        expect(shared(row, t)).toBe(words(row, t));
      }
    });
    fc.assert(property, propertyRuns(300));
  });
});
