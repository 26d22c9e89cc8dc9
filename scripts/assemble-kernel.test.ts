import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assembleKernel, kernelFile } from "./assemble-kernel.ts";

it("the draw kernel that is checked in is its text, assembled (node scripts/assemble-kernel.ts writes it)", async () => {
  expect(Buffer.from(await assembleKernel()).equals(readFileSync(kernelFile))).toBe(true);
});
