import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../foundation/files/digest.ts";
import { encodeModelName, lengthOf } from "../../foundation/mlflow/http/names.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";
import { jobId } from "./plan/job-id.ts";
import { safeNames } from "./plan/text/safe-names.ts";
import { anyName, hostileNames, testSeed } from "./testing/plan-samples.ts";
import { experimentName, registeredModelName } from "./train/model-names.ts";

const seed = testSeed("names of plans");

describe("names of files", () => {
  test("are unique whatever the case, and valid on any file system", () => {
    const property = fc.property(fc.uniqueArray(anyName, { maxLength: 60 }), (names) => {
      const files = [...safeNames(names, ["_cross_sectional"]).values()];
      expect(files).toHaveLength(names.length);
      const folded = new Set(["_cross_sectional", ...files.map((file) => file.toLowerCase())]);
      expect(folded.size).toBe(names.length + 1);
      for (const file of files) {
        expect(file).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._~-]{0,120}$/);
        expect(file).not.toMatch(/\.$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      }
    });
    fc.assert(property, { seed, numRuns: 300 });
  });

  test("don't depend on the order of the names", () => {
    const backwards = safeNames([...hostileNames].reverse());
    for (const [name, file] of safeNames(hostileNames)) expect(backwards.get(name)).toBe(file);
  });

  test("stay themselves where they can", () => {
    const files = safeNames(["AAPL", "BRK.B", "dep_delay-60", "aapl2"]);
    for (const [name, file] of files) expect(file).toBe(name);
  });

  test("that differ only in case both get a digest", () => {
    const files = safeNames(["AA", "aa", "UA"]);
    expect(files.get("AA")).toMatch(/^AA~[0-9a-f]{32}$/);
    expect(files.get("aa")).toMatch(/^aa~[0-9a-f]{32}$/);
    expect(files.get("UA")).toBe("UA");
  });
});

describe("names of models", () => {
  const identity = fc.record({
    project: fc.constantFrom("flights", "fli.ghts"),
    target: anyName,
    segment: fc.option(anyName),
    isEnsemble: fc.boolean(),
  });

  test("are never shared by two models, are valid in MLflow, and stay unchanged by its encoding", () => {
    const property = fc.property(fc.array(identity, { maxLength: 40 }), (identities) => {
      const distinct = new Map(identities.map((one) => [JSON.stringify(Object.entries(one)), one]));
      const names = [...distinct.values()].map(registeredModelName);
      expect(new Set(names).size).toBe(distinct.size);
      for (const name of names) {
        expect(name).not.toMatch(/[/:'"\s]|\.\./);
        expect(lengthOf(name)).toBeLessThanOrEqual(250);
        expect(encodeModelName(name)).toBe(name);
      }
    });
    fc.assert(property, { seed, numRuns: 300 });
  });

  test("read as project, target, segment", () => {
    const model = { project: "flights", target: "late", segment: "UA", isEnsemble: false };
    expect(registeredModelName({ ...model, segment: null })).toBe("flights.late");
    expect(registeredModelName(model)).toBe("flights.late.UA");
    expect(registeredModelName({ ...model, isEnsemble: true })).toBe("flights.late.UA.ensemble");
    expect(registeredModelName({ ...model, target: "a.b", segment: "c" })).not.toBe(
      registeredModelName({ ...model, target: "a", segment: "b.c" }),
    );
  });

  test("of experiments distinguish (a.b, c) from (a, b.c) too", () => {
    expect(experimentName("flights_training", "late", "UA")).toBe("flights_training.late.UA");
    expect(experimentName("e", "a.b", "c")).not.toBe(experimentName("e", "a", "b.c"));
    expect(experimentName("e", "a.b", null)).not.toBe(experimentName("e", "a", "b"));
  });
});

describe("a job's id", () => {
  const identity = fc.record({
    target: anyName,
    symbol: fc.option(anyName),
    training_type: fc.constantFrom("cross_sectional", "symbol_specific", "ensemble"),
    stage: fc.constantFrom(1, 2),
  } as const);

  test("is the digest of target, symbol, type and stage, and nothing else", () => {
    const property = fc.property(identity, fc.anything(), (job, other) => {
      const expected = sha256(canonicalJson(job)).slice(0, 16);
      const carried = { ...job, priority: other, reason: String(typeof other), model_families: [other] };
      expect(jobId(carried)).toBe(expected);
    });
    fc.assert(property, { seed });
  });
});
