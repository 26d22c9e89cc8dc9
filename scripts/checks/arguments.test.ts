import { describe, expect, it } from "vitest";
import { readArguments, selectChecks } from "./arguments.ts";

const all = [{ name: "types", isFast: true }, { name: "locks" }, { name: "unit tests", isFast: true }] as const;
const select = (...argv: string[]) => selectChecks(all, readArguments(argv));

describe("the selection of checks", () => {
  it("is every check by default and with --long", () => {
    expect(select()).toEqual({ chosen: all, leftOut: [] });
    expect(select("--long")).toEqual({ chosen: all, leftOut: [] });
    expect(readArguments(["--long"]).extent).toBe("long");
  });

  it("is the quick loop with --fast, and names the other checks", () => {
    expect(select("--fast")).toEqual({ chosen: [all[0], all[2]], leftOut: ["locks"] });
  });

  it("is what --only names, at any extent", () => {
    expect(select("--only", "locks,types").chosen).toEqual([all[0], all[1]]);
    expect(select("--fast", "--only", "locks").chosen).toEqual([all[1]]);
  });

  it("is refused if a name or a flag is unknown, or two flags exclude each other", () => {
    expect(() => select("--only", "type")).toThrow("There is no check 'type': types, locks, unit tests");
    expect(() => select("--quick")).toThrow("--quick");
    expect(() => select("--fast", "--long")).toThrow("exclude each other");
  });
});
