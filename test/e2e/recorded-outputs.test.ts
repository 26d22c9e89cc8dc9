import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { driftOf, operationOf, recordedFolder, recordFiles } from "../../scripts/recorded-outputs/files.ts";
import { leftOut } from "../../scripts/recorded-outputs/left-out.ts";
import { operations } from "../../src-core/contract/index.ts";

describe("the recorded outputs", () => {
  it("include every operation, or a reason against it", () => {
    const recorded = new Set(readdirSync(recordedFolder).map((name) => operationOf(name.replace(/\.json$/, ""))));
    const missing = Object.entries(operations)
      .filter(([, operation]) => !recorded.has(operation))
      .map(([id]) => id);
    expect(missing.sort()).toEqual(Object.keys(leftOut).sort());
  });

  it("match what the operations answer today (else: node scripts/record-outputs.ts)", async () => {
    const files = await recordFiles();
    expect(driftOf(files)).toEqual([]);
  }, 600_000);
});
