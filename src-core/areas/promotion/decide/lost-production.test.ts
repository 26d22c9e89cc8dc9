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
  expect(lostProduction([promoted], null, "http://other")).toMatch(
    /^ledger entry 3 put version 1 \(run 5b57e976\) into production, but http:\/\/other has none/,
  );
});

test("a version of another run under the same number was never in production", () => {
  expect(lostProduction([promoted], { version: "1", runId: "0123456789" }, "http://other")).toMatch(
    /but http:\/\/other has run 01234567 as that version: decide on the server that holds it/,
  );
  expect(lostProduction([promoted], { version: "1", runId: "5b57e976aa" }, "http://own")).toBeNull();
  // Another program moved the alias.
  expect(lostProduction([promoted], { version: "2", runId: "0123456789" }, "http://own")).toBeNull();
});

test("a ledger without a production has lost none", () => {
  expect(lostProduction([], null, "http://other")).toBeNull();
});
