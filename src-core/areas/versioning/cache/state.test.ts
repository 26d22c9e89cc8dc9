import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readFileStates, readState, tickMs, writeState } from "./state.ts";

const fact = { hash: "d751713988987e9331980363e24189ce.dir", sizeBytes: 7, files: 2, isExecutable: false };
const state = { fact, fingerprint: "f", cacheStamp: "s" };
const file = (relpath: string, ctimeMs: number) => ({ relpath, sizeBytes: 3, mtimeMs: 1.5, ctimeMs, ino: 2 ** 40 + 1 });
const hashes = ["a".repeat(32), "b".repeat(32)];

function remembered(): { folder: string; stored: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "state-"));
  const files = [file("späte\nZeile/😀", 10_000.25), file("recent", 20_000)];
  writeState(folder, { output: "data", state, files, hashes, hashedAtMs: 20_000 + tickMs / 2 });
  return { folder, stored: path.join(folder, readdirSync(folder)[0] ?? "") };
}

describe("what is remembered of an output", () => {
  it("is read back whole, without files that changed just before they were hashed", () => {
    const { folder } = remembered();
    expect(readState(folder, "data")).toMatchObject(state);
    const { relpath, ...facts } = file("späte\nZeile/😀", 10_000.25);
    expect([...readFileStates(folder, "data")]).toEqual([[relpath, { md5: hashes[0], ...facts }]]);
  });

  it("is discarded if the file is truncated or damaged", () => {
    const { folder, stored } = remembered();
    const whole = readFileSync(stored);
    truncateSync(stored, whole.length - 1);
    expect(readFileStates(folder, "data").size).toBe(0);
    writeFileSync(stored, Buffer.concat([whole.subarray(0, -20), Buffer.alloc(20)]));
    expect(readFileStates(folder, "data").size).toBe(0);
    writeFileSync(stored, Buffer.alloc(whole.length));
    expect(readState(folder, "data")).toBeNull();
    expect(readFileStates(folder, "data").size).toBe(0);
  });
});
