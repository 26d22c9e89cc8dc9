import { expect, test } from "vitest";
import type { DecisionRow } from "../../../contract/promotion.ts";
import { lostProduction } from "./lost-production.ts";

const promoted: DecisionRow = {
  ...{
    ledgerIndex: 3,
    kind: "decision",
    runId: "5b57e976aa",
    modelName: "m",
    modelVersion: "1",
    verdict: "PROMOTE",
    isExperiment: false,
  },
  ...{ reason: "better", actor: "ada", productionBefore: null, productionAfter: "1", decidedAt: 0 },
};

test("a production that only the ledger has is described with its entry, version, run and the server without it", () => {
  expect(lostProduction([promoted], "http://other")).toMatch(
    /^ledger entry 3 put version 1 \(run 5b57e976\) into production, but http:\/\/other has none/,
  );
});

test("a ledger without a production has lost none", () => {
  expect(lostProduction([], "http://other")).toBeNull();
});
