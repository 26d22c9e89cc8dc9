import { mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { splitMemoryBytes } from "./split-memory.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "split-memory-"));

/** Sparse: it has the size but takes no space. */
function fileOf(name: string, bytes: number): string {
  const file = path.join(folder, name);
  writeFileSync(file, "");
  truncateSync(file, bytes);
  return file;
}

describe("the memory of a split", () => {
  const machine = { columns: 10, threads: 2, machineBytes: 24e9 };

  it("is 620 MB for small tables and for files that don't exist", () => {
    expect(splitMemoryBytes([fileOf("small", 1_000)], machine)).toBe(620_000_000);
    expect(splitMemoryBytes([path.join(folder, "missing")], machine)).toBe(620_000_000);
  });

  it("grows with the size of all files together", () => {
    expect(splitMemoryBytes([fileOf("a", 400e6), fileOf("b", 100e6)], machine)).toBe(895e6);
  });

  it("grows with the columns, of which every thread holds blocks however few rows there are", () => {
    const wide = { columns: 2_000, threads: 2, machineBytes: 24e9 };
    expect(splitMemoryBytes([fileOf("wide", 5e6)], wide)).toBe(4.6e9);
    expect(splitMemoryBytes([fileOf("wide", 5e6)], { ...wide, threads: 16 })).toBeUndefined();
  });

  it("never goes above DuckDB's own limit", () => {
    expect(splitMemoryBytes([fileOf("large", 12e9)], machine)).toBeUndefined();
    expect(splitMemoryBytes([fileOf("tiny", 1)], { ...machine, machineBytes: 700e6 })).toBeUndefined();
  });
});
