import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatEstimate, formatNumber, formatP } from "./numbers.ts";

describe("figures", () => {
  it("have the same decimals as their bounds", () => {
    expect(formatEstimate({ value: 35.6795, low: 33.7587, high: 37.6474 })).toEqual({
      value: "35.68",
      interval: "[33.76, 37.65]",
    });
    expect(formatEstimate({ value: 0.32665, low: 0.27326, high: 0.37812 }).interval).toBe("[0.2733, 0.3781]");
    expect(formatEstimate({ value: 1_234_567.8, low: 1_200_000, high: 1_300_000 }).value).toBe("1,234,568");
  });

  it("have a sign if they are an improvement, and no negative zero", () => {
    const signed = (value: number) =>
      formatEstimate({ value, low: -0.2, high: 0.21 }, { isSigned: true, digits: 3 }).value;
    expect([signed(0.0099), signed(-0.0146), signed(-0.00001)]).toEqual(["+0.010", "-0.015", "0.000"]);
  });

  it("are a dash if they are missing, and a one-sided interval has an open end", () => {
    expect(formatEstimate({ value: null, low: null, high: null })).toEqual({ value: "–", interval: "" });
    expect(formatEstimate({ value: 1, low: 0.5, high: null }).interval).toBe("[0.500, …]");
  });

  it("keep tiny and huge ones readable", () => {
    expect(formatNumber(0.0000123)).toBe("1.230e-5");
    expect(formatNumber(1234567)).toBe("1,234,567");
    expect(formatCount(1000)).toBe("1,000");
    expect(formatP(0.0001)).toBe("<0.001");
    expect(formatP(0.0451)).toBe("0.045");
  });
});

describe("sizes", () => {
  it("are in powers of 1024, with one decimal below ten, and never 1024 of a unit", () => {
    const mebi = 1024 * 1024;
    expect([0, 999, 1023, 1024, 4.2 * mebi, 9.96 * mebi, 512 * mebi, 1.5 * 1024 * mebi].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1023 B",
      "1.0 KiB",
      "4.2 MiB",
      "10 MiB",
      "512 MiB",
      "1.5 GiB",
    ]);
    expect(formatBytes(mebi - 1)).toBe("1.0 MiB");
  });
});
