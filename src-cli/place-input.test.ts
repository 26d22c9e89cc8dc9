import { describe, expect, it } from "vitest";
import { operations } from "../src-core/contract/index.ts";
import type { Operation } from "../src-core/contract/operation.ts";
import { parseArguments } from "./arguments.ts";
import { buildManifest } from "./manifest.ts";
import { placeInput } from "./place-input.ts";
import { scanArguments } from "./scan-globals.ts";

const manifest = buildManifest("1.2.3");
const placed = (...argv: string[]) => {
  const invocation = parseArguments(scanArguments(argv), manifest);
  if (invocation.kind !== "call") throw new Error(`not a call but ${invocation.kind}`);
  return placeInput(invocation.command, invocation.input, "/home/me/models");
};

describe("a path that a person types", () => {
  it.each([
    [["ledger", "export", "-o", "out.json"], { output: "/home/me/models/out.json" }],
    [["ledger", "export", "-o", "/tmp/out.json"], { output: "/tmp/out.json" }],
    [["route", "build", "--candidates", "../scores.csv"], { candidates: "/home/me/scores.csv" }],
    [["routing", "import", "."], { dir: "/home/me/models" }],
    [
      ["init", "shops", "--table", "sales.csv", "--target", "y"],
      { dir: "/home/me/models/shops", table: "/home/me/models/sales.csv" },
    ],
  ])("is understood from where they are: %j", (argv, expected) => {
    expect(placed(...argv)).toMatchObject(expected);
  });

  it("or a name goes with the folder it was typed in", () => {
    expect(placed("lineage", "show", "latest")).toMatchObject({ subject: "latest", workingFolder: "/home/me/models" });
    expect(placed("plan", "diff", "old.json")).toMatchObject({ from: "old.json", workingFolder: "/home/me/models" });
  });

  it("below the project stays as it is, and so does everything that is no path", () => {
    expect(placed("data", "add", "data/extra")).toEqual({ paths: ["data/extra"] });
    expect(placed("runs", "list", "--limit", "3")).toEqual({ limit: 3 });
  });
});

it("each operation names as paths and as the working folder only keys of its input", () => {
  for (const [id, { input, paths = [], workingFolder }] of Object.entries(
    operations as Readonly<Record<string, Operation>>,
  )) {
    const keys = Object.keys((input as unknown as { readonly shape?: object }).shape ?? {});
    const named = [...paths, ...(workingFolder === undefined ? [] : [workingFolder])];
    expect(
      named.filter((key) => !keys.includes(key)),
      id,
    ).toEqual([]);
  }
});
