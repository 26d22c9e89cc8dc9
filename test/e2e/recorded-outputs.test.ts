import { expect, it } from "vitest";
import { driftOf, recordFiles } from "../../scripts/recorded-outputs/files.ts";

it("the recorded outputs match what the operations answer today (else: node scripts/record-outputs.ts)", async () => {
  const files = await recordFiles();
  expect(driftOf(files)).toEqual([]);
}, 600_000);
