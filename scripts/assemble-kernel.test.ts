import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assembleKernel, kernelFile } from "./assemble-kernel.ts";

it("the checked-in draw kernel matches its text (node scripts/assemble-kernel.ts assembles it)", async () => {
  expect(Buffer.from(await assembleKernel()).equals(readFileSync(kernelFile))).toBe(true);
});
