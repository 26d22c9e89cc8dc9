import { describe, expect, it } from "vitest";
import { type NotedHead, otherHead } from "./server-head.ts";

const hash = (letter: string) => letter.repeat(64);
const noted = (entries: number, letter: string): NotedHead => ({
  entries,
  hash: hash(letter),
  experiment: `e${entries}`,
  actor: null,
});
const ledger = ["a", "b", "c"].map((letter) => ({ hash: hash(letter) }));

describe("the heads that a server knows", () => {
  it.each([
    ["none", []],
    ["our last entry", [noted(3, "c")]],
    ["earlier entries of ours, as long as the last ones aren't sent", [noted(1, "a"), noted(2, "b")]],
  ])("are ours: %s", (_, heads) => {
    expect(otherHead(heads, ledger)).toBeUndefined();
  });

  it("include a foreign one in any experiment: the first that differs, else the last that is missing", () => {
    expect(otherHead([noted(3, "c"), noted(5, "e"), noted(4, "d")], ledger)?.entries).toBe(5);
    expect(otherHead([noted(5, "e"), noted(3, "x"), noted(2, "y")], ledger)?.entries).toBe(2);
    expect(otherHead([noted(1, "a")], [])?.entries).toBe(1);
  });
});
