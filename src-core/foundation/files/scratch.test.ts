import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { makeScratch, temporaryFolder } from "./scratch.ts";

const before = process.env.TMPDIR;
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
});

describe("the folder for temporary files", () => {
  it("is TMPDIR, in which each caller makes one of its own", () => {
    const root = mkdtempSync(path.join(os.tmpdir(), "sb-scratch-"));
    process.env.TMPDIR = root;
    const made = [makeScratch("a-"), makeScratch("a-")];
    expect(made.map((folder) => [path.dirname(folder), existsSync(folder)])).toEqual([
      [root, true],
      [root, true],
    ]);
    expect(made[0]).not.toBe(made[1]);
    rmSync(root, { recursive: true });
  });

  it("that doesn't exist is named, with how to choose another", () => {
    process.env.TMPDIR = "/no/such/folder";
    for (const call of [temporaryFolder, () => makeScratch("a-")])
      expect(call).toThrow(
        expect.objectContaining({
          code: "files/not-found",
          message: "The folder for temporary files, /no/such/folder, doesn't exist.",
          hint: "Create it, or set TMPDIR to a folder that exists.",
        }),
      );
  });
});
