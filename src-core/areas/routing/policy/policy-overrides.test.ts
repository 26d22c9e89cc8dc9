import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../contract/errors.ts";
import { defaultPolicy } from "./policy.ts";
import { policyEntries, withValue } from "./policy-keys.ts";
import { withOverrides } from "./policy-overrides.ts";

const changed = (settings: Readonly<Record<string, string>>) => withOverrides(defaultPolicy(), settings);

function failure(settings: Readonly<Record<string, string>>): AppError {
  try {
    changed(settings);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a changed policy", () => {
  it.each([
    ["cross_sectional.classification.min_score", "0.55", 0.55],
    ["symbol.regression.very_long.min_score", "-3e0", -3],
    ["min_sample_size.symbol", "20", 20],
    ["use_ci_low", "true", true],
    ["dev_mode", " true ", true],
    ["both_strong_behavior", "PREFER_CS", "PREFER_CS"],
    ["stability_allowlist.symbol", "[STABLE, DRIFTING]", ["STABLE", "DRIFTING"]],
    ["stability_allowlist.symbol", "DRIFTING,STABLE", ["STABLE", "DRIFTING"]],
    ["experimental.allowed_stabilities", "[]", []],
  ])("%s=%s", (key, text, value) => {
    expect(changed({ [key]: text })).toEqual(withValue(defaultPolicy(), key, value));
  });

  it("takes short forms, and several values at once", () => {
    expect(changed({ "symbol.min_score": "0.7", "symbol.strong_score": "0.8" }).symbol.classification).toEqual({
      min_score: 0.7,
      strong_score: 0.8,
    });
  });

  it("can set every key of the policy but its version, and what the file alone may accept, to the value it has", () => {
    for (const [key, value] of policyEntries(defaultPolicy())) {
      if (key === "version" || key === "accept_suspect") continue;
      expect(changed({ [key]: String(value) }), key).toEqual(defaultPolicy());
    }
    expect(failure({ version: "1" }).code).toBe("configs/unknown-key");
    expect(failure({ accept_suspect: "late" }).message).toContain("each view needs its reason");
  });

  it("names the nearest and the allowed keys if one is unknown", () => {
    const error = failure({ use_cilow: "true" });
    expect(error.code).toBe("configs/unknown-key");
    expect(error.message).toContain("did you mean `use_ci_low`?");
    expect(error.details).toMatchObject({ nearest: "use_ci_low", allowed: expect.arrayContaining(["dev_mode"]) });
    const group = failure({ "symbol.regression.short": "0.5" });
    expect(group.hint).toBe(
      "Keys that can be set: symbol.regression.short.min_score, symbol.regression.short.strong_score.",
    );
    for (const key of ["", "constructor", "use_ci_low.x", "__proto__"])
      expect(failure(Object.fromEntries([[key, "1"]])).code).toBe("configs/unknown-key");
  });

  it.each([
    ["use_ci_low", "yes", "true or false"],
    ["both_strong_behavior", "PREFER_SC", "one of ROUTE_BOTH, PREFER_CS, PREFER_SYMBOL — did you mean `PREFER_CS`?"],
    [
      "stability_allowlist.symbol",
      "STABEL",
      "a list of STABLE, DRIFTING, DIVERGED, UNKNOWN, NOT_MEASURED — did you mean `STABLE`?",
    ],
    [
      "stability_allowlist.symbol",
      "[STABLE, UNKNWON]",
      "a list of STABLE, DRIFTING, DIVERGED, UNKNOWN, NOT_MEASURED — did you mean `UNKNOWN`?",
    ],
    ["min_sample_size.symbol", "0.5", "a whole number from 0"],
    ["min_sample_size.symbol", "", "a whole number from 0"],
    ["cross_sectional.min_score", "", "a number from 0 to 1"],
    ["cross_sectional.min_score", "0,5", "a number from 0 to 1"],
    ["cross_sectional.min_score", "1.5", "a number from 0 to 1"],
    ["cross_sectional.min_score", "NaN", "a number from 0 to 1"],
    ["symbol.regression.default.min_score", "2", "a number up to 1"],
    ["symbol.regression.default.min_score", "-Infinity", "a number up to 1"],
    ["symbol.regression.default.min_score", "-1e999", "a number up to 1"],
    ["stability_classification.min_snapshots", "1", "a whole number from 2"],
  ])("says what is allowed if a value is wrong: %s=%s", (key, text, expected) => {
    const error = failure({ [key]: text });
    expect(error.code).toBe("configs/invalid-value");
    expect(error.message).toContain(`expected ${expected}`);
  });

  it("is checked as the file is", () => {
    expect(failure({ "symbol.min_score": "0.9" }).message).toContain("strong_score 0.6 is below min_score 0.9");
    expect(failure({ "stability_allowlist.symbol": "DRIFTING" }).hint).toBe("Write [STABLE, DRIFTING].");
    expect(failure({ "symbol.min_score": "0.5", "symbol.classification.min_score": "0.5" }).message).toContain(
      "are the same threshold",
    );
  });

  it("is a policy or an error with a code for any string", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom(...policyEntries(defaultPolicy()).map(([one]) => one)));
    fc.assert(
      fc.property(fc.dictionary(key, fc.string(), { maxKeys: 2 }), (settings) => {
        try {
          changed(settings);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
