import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, drawIndex, multiplyHigh, philox4x32 } from "./philox.ts";
import { drawCounts, drawSums, visitDraws } from "./resample.ts";

const hex = (block: Block) => block.map((word) => word.toString(16).padStart(8, "0")).join(" ");
const ones = 0xffffffff;
const word = fc.integer({ min: 0, max: ones });

describe("Philox4x32", () => {
  // The known answers published with the generator (Random123, kat_vectors).
  it.each([
    [7, [0, 0, 0, 0], [0, 0], "5f6fb709 0d893f64 4f121f81 4f730a48"],
    [7, [ones, ones, ones, ones], [ones, ones], "5207ddc2 45165e59 4d8ee751 8c52f662"],
    [10, [0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [10, [ones, ones, ones, ones], [ones, ones], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [
      10,
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    ],
  ] as const)("gives the published words after %i rounds", (rounds, counter, key, expected) => {
    expect(hex(philox4x32(counter, key, rounds))).toBe(expected);
  });

  it("multiplies 32-bit words exactly", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(multiplyHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
      }),
    );
  });
});

function drawsOf(units: number, seed: number, replicate: number): number[] {
  const draws: number[] = [];
  visitDraws({ units, seed }, replicate, (indices, count) => draws.push(...indices.subarray(0, count)));
  return draws;
}

describe("draws", () => {
  it("are those of the definition, whatever the number of units, seed and replicate", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6_000 }), word, word, (units, seed, replicate) => {
        const expected = Array.from({ length: units }, (_, draw) =>
          drawIndex(units, { seed, stream: 0, replicate, draw }),
        );
        expect(drawsOf(units, seed, replicate)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("replace a rejected word by the next attempt, in the kernel as in the definition", () => {
    // With 3·10⁶ units one word in 1,432 is rejected, so that every replicate meets some.
    const units = 3_000_000;
    const draws: number[] = [];
    visitDraws({ units, seed: 9 }, 3, (indices, count) => {
      if (draws.length < 40_000) draws.push(...indices.subarray(0, count));
    });
    draws.forEach((index, draw) => {
      if (index !== drawIndex(units, { seed: 9, stream: 0, replicate: 3, draw })) expect.fail(`draw ${draw}`);
    });
  });

  it("choose every unit equally often", () => {
    const units = 12;
    const total = new Uint32Array(units);
    const counts = new Uint32Array(units);
    const replicates = 20_000;
    for (let replicate = 0; replicate < replicates; replicate++) {
      drawCounts({ units, seed: 5 }, replicate, counts);
      for (let i = 0; i < units; i++) total[i] = (total[i] ?? 0) + (counts[i] ?? 0);
    }
    const chiSquared = total.reduce((sum, count) => sum + (count - replicates) ** 2 / replicates, 0);
    // 99.9 % quantile of χ² with 11 degrees of freedom.
    expect(chiSquared).toBeLessThan(31.3);
  });

  it("sum the columns over the rows given by the counts", () => {
    const column = Float64Array.from({ length: 5_003 }, (_, i) => i);
    const counts = new Uint32Array(column.length);
    const source = { units: column.length, seed: 11 };
    drawCounts(source, 2, counts);
    const expected = column.reduce((sum, value, i) => sum + value * (counts[i] ?? 0), 0);
    expect(drawSums(source, 2, [column])[0]).toBe(expected);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(column.length);
  });
});
