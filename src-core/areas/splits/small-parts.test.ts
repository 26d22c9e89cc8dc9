import { appendFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { newFolder } from "../../../test/support/split-project.ts";
import { duckError } from "../../foundation/duck/errors.ts";
import { identifier, literal } from "../../foundation/duck/quote.ts";
import { planOptionalTests, safeName } from "./make/optional-tests.ts";
import { countReferenceReads, recordReferenceRead } from "./reference/reference-reads.ts";

describe("reads of a reference test", () => {
  it("are counted by its digest, a torn line included", () => {
    const paths = { referenceReadsFile: path.join(newFolder(), "ledger/reference_reads.jsonl") };
    const read = { at: "2026-01-01T00:00:00Z", runId: "r", purpose: "evaluate", sha256: "a" };
    expect(countReferenceReads(paths, "a")).toBe(0);
    recordReferenceRead(paths, read);
    recordReferenceRead(paths, { ...read, sha256: "b" });
    expect([countReferenceReads(paths, "a"), countReferenceReads(paths, "b")]).toEqual([1, 1]);
    appendFileSync(paths.referenceReadsFile, '{"at":"20');
    recordReferenceRead(paths, read);
    expect(countReferenceReads(paths, "a")).toBe(3);
  });

  it("count for the frozen test that their rows are a part of", () => {
    const paths = { referenceReadsFile: path.join(newFolder(), "ledger/reference_reads.jsonl") };
    const read = { at: "2026-01-01T00:00:00Z", runId: "r", purpose: "evaluate" };
    recordReferenceRead(paths, { ...read, sha256: "whole" });
    for (const part of ["north", "south"]) recordReferenceRead(paths, { ...read, sha256: part, of: "whole" });
    expect(["whole", "north"].map((sha256) => countReferenceReads(paths, sha256))).toEqual([3, 1]);
  });
});

describe("names of optional tests", () => {
  it("stay readable and distinct", () => {
    expect(safeName("north")).toBe("north");
    expect(safeName("a/b")).toMatch(/^a_b-[0-9a-f]{6}$/);
    expect(safeName("a b")).not.toBe(safeName("a_b"));
    expect(safeName("")).toMatch(/^-[0-9a-f]{6}$/);
  });

  it("don't collide", () => {
    const facts = {
      columnSql: identifier,
      momentSql: identifier,
      latest: new Map([["day", "TIMESTAMP '2013-01-01'"]]),
      slices: new Map(),
    };
    const twice = [
      { name: "a_7d", filter: { sql: "true" } },
      { name: "a", moving_period: { column: "day", durations: ["7d", "2w"] } },
    ];
    expect(() => planOptionalTests(twice, facts)).toThrow("would have the name a_7d");
  });
});

describe("SQL strings", () => {
  it("are quoted so that nothing ends them", () => {
    expect(identifier('a"; DROP')).toBe('"a""; DROP"');
    expect(literal("it's")).toBe("'it''s'");
  });
});

describe("DuckDB's failures", () => {
  it.each([
    ['IO Error: Could not write file "/x/y": No space left on device', "files/disk-full"],
    ['IO Error: Cannot open file "/x/y": Permission denied', "files/no-permission"],
    ['IO Error: No files found that match the pattern "/x/y"', "files/not-found"],
    ["Out of Memory Error: could not allocate block of size 256.0 KiB", "splits/out-of-memory"],
    [
      'Invalid Input Error: "maximum_object_size" of 16777216 bytes exceeded while reading file "/x/y" (>33554408 bytes).',
      "splits/master-unreadable",
    ],
    ["INTERRUPT Error: Interrupted!", "internal/cancelled"],
    ["Invalid Input Error: No magic bytes found at end of file '/x/y'", "splits/master-unreadable"],
  ])("%s", (message, code) => {
    const error = duckError(new Error(message));
    expect(error).toMatchObject({ code });
    if (message.includes("/x/y")) expect(error).toMatchObject({ details: { file: "/x/y" } });
  });

  it("pass through when they are bugs of Signalbox", () => {
    const error = new Error("Binder Error: Referenced column not found");
    expect(duckError(error)).toBe(error);
    const quoted = new Error(
      "Binder Error: No such field \"b\"\n\nLINE 1: SELECT s.b FROM read_parquet(['/x/y.parquet'])",
    );
    expect(duckError(quoted)).toBe(quoted);
  });
});
