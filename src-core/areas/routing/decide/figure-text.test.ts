import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns } from "../../../../test/support/routing-candidates.ts";
import { compared, roundedShare } from "./figure-text.ts";

const figure = fc.oneof(
  fc.double({ min: -3, max: 3, noNaN: true }),
  fc.integer({ min: -20_000, max: 20_000 }).map((parts) => parts / 10_000),
);

describe("a figure beside a threshold", () => {
  it("has four decimals, and all of them if fewer would hide the difference", () => {
    expect(compared(0.512345, "<", 0.52)).toBe("0.5123 < 0.52");
    expect(compared(0.51999999, "<", 0.52)).toBe("0.51999999 < 0.52");
    expect(compared(0.52000001, "≥", 0.52)).toBe("0.52000001 ≥ 0.52");
    expect(compared(-0.00001, "<", 0.2)).toBe("0 < 0.2");
    expect(compared(null, "<", 0.52)).toBe("none < 0.52");
  });

  it("reads the same on every use, and never contradicts the comparison", () => {
    const property = fc.property(figure, figure, (value, threshold) => {
      const sign = value >= threshold ? "≥" : "<";
      const text = compared(value, sign, threshold);
      const shown = Number(text.split(" ")[0]);
      expect(shown >= threshold).toBe(value >= threshold);
      expect([Math.round(value * 1e4) / 1e4, value]).toContain(shown + 0);
      expect(compared(value, sign, threshold)).toBe(text);
    });
    fc.assert(property, propertyRuns(500));
  });

  it("is a share of ten thousandths only if that is what is shown", () => {
    expect(roundedShare(0.512345, 0.52)).toBe(5123);
    expect(roundedShare(0.51999999, 0.52)).toBeUndefined();
    expect(roundedShare(1.2, 0.52)).toBeUndefined();
    expect(roundedShare(-0.2, 0.52)).toBeUndefined();
    expect(roundedShare(null, 0.52)).toBeUndefined();
  });
});
