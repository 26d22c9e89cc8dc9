import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { parseOverrides } from "./overrides.ts";

function failure(...settings: string[]): AppError {
  try {
    parseOverrides(settings);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("--set", () => {
  it("takes versions by their keys, 0 included", () => {
    expect(parseOverrides(["feature_version=2", "split_version = 0"])).toEqual({
      feature_version: 2,
      split_version: 0,
    });
  });

  it("names the nearest key", () => {
    const error = failure("feature_versoin=2");
    expect(error.code).toBe("configs/unknown-key");
    expect(error.message).toContain("did you mean `feature_version`?");
    expect(error.hint).toContain("data_contract_version, split_version");
  });

  it.each([
    "feature_version",
    "feature_version=",
    "feature_version=two",
    "feature_version=-1",
    "feature_version=1.5",
    "feature_version=01",
  ])("refuses %s", (setting) => {
    expect(failure(setting).code).toBe("configs/invalid-value");
  });

  it("refuses two values for one key", () => {
    expect(failure("model_version=1", "model_version=2").message).toContain("twice: 1 and 2");
  });

  it("gives versions or an error with a code for any string", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 3 }), (settings) => {
        try {
          for (const version of Object.values(parseOverrides(settings))) expect(Number.isInteger(version)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
