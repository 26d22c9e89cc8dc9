import { describe, expect, it } from "vitest";
import { ageOf, formatDuration, formatSeconds, roughDuration } from "./times.ts";

describe("a measured time", () => {
  it("is in the units that people read, never sixty of one", () => {
    expect([0, 840, 999.6, 3_440, 59_990, 119_900, 3_720_000].map(formatDuration)).toEqual([
      "0 ms",
      "840 ms",
      "1.0 s",
      "3.4 s",
      "1 min 0 s",
      "2 min 0 s",
      "1 h 2 min",
    ]);
    expect([null, 0.2, 75].map(formatSeconds)).toEqual(["–", "200 ms", "1 min 15 s"]);
  });
});

describe("an estimated time", () => {
  it("is no finer than an estimate", () => {
    expect([null, 0.2, 41.4, 89, 91, 600, 5_400, 36_000].map(roughDuration)).toEqual([
      "–",
      "1 s",
      "41 s",
      "89 s",
      "2 min",
      "10 min",
      "2 h",
      "10 h",
    ]);
  });
});

describe("an age", () => {
  it("uses the largest fitting unit", () => {
    const now = Date.UTC(2026, 0, 10);
    expect([1_000, 40_000, 600_000, 7_200_000, 432_000_000].map((it) => ageOf(now - it, now))).toEqual([
      "just now",
      "40 s ago",
      "10 min ago",
      "2 h ago",
      "5 days ago",
    ]);
  });
});
