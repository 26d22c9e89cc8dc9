import { describe, expect, it } from "vitest";
import { listedNames } from "./listed-names.ts";

const read = (typed: readonly string[], known: readonly string[]) => listedNames(typed, { known, option: "--key" });

describe("a list of names", () => {
  it("is separated by commas, or repeated", () => {
    expect(read(["a,b"], ["a", "b"])).toEqual(["a", "b"]);
    expect(read(["a", "b", "a"], ["a", "b"])).toEqual(["a", "b"]);
    expect(read(["a, b"], ["a", "b"])).toEqual(["a", "b"]);
  });

  it("prefers what is really called so to the names of its parts", () => {
    const known = ["Clinic", "ward", "Clinic, ward", "day"];
    expect(read(["Clinic, ward"], known)).toEqual(["Clinic, ward"]);
    expect(read(["Clinic, ward,day"], known)).toEqual(["Clinic, ward", "day"]);
    expect(read(["day,Clinic, ward"], known)).toEqual(["day", "Clinic, ward"]);
    expect(read(["Clinic,ward"], known)).toEqual(["Clinic", "ward"]);
    expect(read([" a", "a"], [" a", "a"])).toEqual([" a", "a"]);
  });

  it("keeps unknown names as typed, one by one", () => {
    expect(read(["Clinic, ward,nope"], ["Clinic, ward"])).toEqual(["Clinic, ward", "nope"]);
    expect(read(["x,y"], ["a"])).toEqual(["x", "y"]);
    expect(read(["a,"], ["a"])).toEqual(["a", ""]);
  });

  it("is refused if two readings are equally good", () => {
    expect(() => read(["a,b,c"], ["a", "b,c", "a,b", "c"])).toThrow(
      expect.objectContaining({
        code: "projects/invalid",
        message: expect.stringContaining("`a,b` and `c`, or `a` and `b,c`"),
      }),
    );
  });
});
