import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generatedCases } from "../../../test/support/amounts.ts";
import { bareCore } from "../../../test/support/bare-core.ts";
import { decisionBody } from "../../../test/support/decision-body.ts";
import { madeProject } from "../../../test/support/made-project.ts";
import { AppError } from "../../contract/errors.ts";
import type { DecisionBody, NewLedgerEntry } from "../../contract/ledger.ts";
import { type Catalogue, openCatalogue } from "../../foundation/catalogue/open.ts";
import { appRoot } from "../../foundation/files/entry-points.ts";
import { type ProjectPaths, projectPaths } from "../../foundation/files/paths.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";
import { countReferenceReads, recordReferenceRead, restoreLostReads } from "../splits/reference/reference-reads.ts";
import { appendEntry, type LedgerPlace, settleLedger } from "./append.ts";
import { entryHash } from "./ledger-entry.ts";
import { ledgerOps } from "./ops.ts";
import { ledgerText, readLedger } from "./read.ts";
import { verifyTail } from "./tail.ts";
import { verifyLedger } from "./verify.ts";

const digest = "ab".repeat(32);

function decision(runId: string): NewLedgerEntry {
  const alias = { before: null, after: "2" };
  const made = decisionBody({ runId, modelName: "flights_model", version: "2", alias, useStages: false });
  const body: DecisionBody = {
    ...made,
    data: { ...made.data, dvc: { master: "md5" } },
    minimumDetectable: 0.1,
    reason: "First model: there is no production to compare with, and the gate sets no absolute bound — señor.",
  };
  return { kind: "decision", actor: "ada", body };
}

const rollback: NewLedgerEntry = {
  kind: "rollback",
  actor: "ada",
  body: {
    runId: "r1",
    modelName: "flights_model",
    fromVersion: "3",
    toVersion: "2",
    reason: "=complaints",
    decisionIndex: 2,
  },
};

let folder: string;
let paths: ProjectPaths;
let catalogue: Catalogue;
let place: LedgerPlace;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-ledger-"));
  paths = projectPaths(folder);
  catalogue = openCatalogue(paths.catalogueFile);
  place = { paths, catalogue, clock: { now: () => new Date("2026-01-02T03:04:05.678Z") } };
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true });
});

function written(count: number): string {
  for (let i = 1; i <= count; i++) appendEntry(place, decision(`run${i}`));
  return readFileSync(paths.ledgerFile, "utf8");
}

const head = () => catalogue.get("SELECT entries, hash FROM ledger_head");

describe("appending", () => {
  it("chains entries from 64 zeros on, one per line, and records the head", () => {
    written(2);
    appendEntry(place, rollback);
    const entries = readLedger(paths.ledgerFile);
    expect(entries.map(({ index, kind }) => [index, kind])).toEqual([
      [1, "decision"],
      [2, "decision"],
      [3, "rollback"],
    ]);
    expect(entries[0]?.previous).toBe("0".repeat(64));
    expect(entries[2]?.previous).toBe(entries[1]?.hash);
    expect(entries[0]).toMatchObject({ at: "2026-01-02T03:04:05.678Z", actor: "ada" });
    expect(head()).toEqual({ entries: 3, hash: entries[2]?.hash });
  });

  it("does nothing if there is an equal entry", () => {
    const first = appendEntry(place, decision("run1"));
    const again = appendEntry(place, decision("run1"), {
      unless: (entries) => entries.find((entry) => entry.body.runId === "run1"),
    });
    expect(again).toEqual(first);
    expect(readLedger(paths.ledgerFile)).toHaveLength(1);
  });

  it("refuses to build on a changed or a cut ledger", () => {
    const text = written(2);
    writeFileSync(paths.ledgerFile, text.replace('"run1"', '"run9"'));
    expect(() => appendEntry(place, rollback)).toThrow(expect.objectContaining({ code: "ledger/broken" }));
    writeFileSync(paths.ledgerFile, text.slice(0, text.indexOf("\n") + 1));
    expect(() => appendEntry(place, rollback)).toThrow(expect.objectContaining({ code: "ledger/truncated" }));
  });

  it("loses and duplicates nothing with two processes at once", async () => {
    const script = `
      import { openCatalogue } from ${JSON.stringify(path.join(appRoot, "src-core/foundation/catalogue/open.ts"))};
      import { appendEntry } from ${JSON.stringify(path.join(appRoot, "src-core/areas/ledger/append.ts"))};
      import { projectPaths } from ${JSON.stringify(path.join(appRoot, "src-core/foundation/files/paths.ts"))};
      const paths = projectPaths(${JSON.stringify(folder)});
      const place = { paths, catalogue: openCatalogue(paths.catalogueFile), clock: { now: () => new Date() } };
      const body = ${JSON.stringify(rollback.body)};
      for (let i = 0; i < 25; i++) appendEntry(place, { kind: "rollback", actor: process.argv[1], body });`;
    const node = (name: string) => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, name]);
    await Promise.all([node("one"), node("two")]);
    const entries = readLedger(paths.ledgerFile);
    expect(entries.filter((entry) => entry.actor === "one")).toHaveLength(25);
    expect(entries.filter((entry) => entry.actor === "two")).toHaveLength(25);
    expect(head()).toMatchObject({ entries: 50 });
  });
});

describe("after a crash", () => {
  it("between file and catalogue, the next command adopts the entry", () => {
    written(2);
    catalogue.write((writer) =>
      writer.run("UPDATE ledger_head SET entries = 1, hash = ?", readLedger(paths.ledgerFile)[0]?.hash ?? ""),
    );
    const { notice, ledger } = settleLedger(place);
    expect(notice).toContain("1 complete entry");
    expect(ledger.head.entries).toBe(2);
    expect(head()).toMatchObject({ entries: 2 });
  });

  it("in the middle of a line, the line is moved away and the ledger is complete", () => {
    const text = written(2);
    appendFileSync(paths.ledgerFile, text.slice(0, 100));
    expect(settleLedger(place).notice).toContain("unfinished last line");
    expect(readFileSync(paths.ledgerFile, "utf8")).toBe(text);
    expect(readLedger(paths.ledgerFile)).toHaveLength(2);
    const aside = readdirSync(paths.private).find((name) => name.startsWith("ledger-unfinished-"));
    expect(readFileSync(path.join(paths.private, aside ?? ""), "utf8")).toBe(text.slice(0, 100));
    expect(settleLedger(place).notice).toBeNull();
  });

  it("without the catalogue, the head comes from the ledger", () => {
    written(3);
    catalogue.close();
    rmSync(paths.catalogueFile);
    catalogue = openCatalogue(paths.catalogueFile);
    place = { ...place, catalogue };
    appendEntry(place, rollback);
    expect(head()).toMatchObject({ entries: 4 });
  });
});

describe("verifying", () => {
  it("finds any changed byte and names its entry", () => {
    const text = written(3);
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        writeFileSync(paths.ledgerFile, changed);
        const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
        try {
          verifyLedger({ text: ledgerText(paths.ledgerFile) });
        } catch (error) {
          expect(error).toMatchObject({ code: "ledger/broken", details: { line, index: line } });
          return;
        }
        expect.fail(`byte ${at} changed by ${flip} went unnoticed`);
      }),
      { numRuns: generatedCases(300) },
    );
  });

  it("reports a removed, a swapped and a replaced entry", () => {
    const lines = written(4).trimEnd().split("\n");
    const text = (chosen: readonly (string | undefined)[]) => `${chosen.join("\n")}\n`;
    const message = (chosen: readonly (string | undefined)[]) => () => verifyLedger({ text: text(chosen) });
    expect(message([lines[0], lines[2], lines[3]])).toThrow(/Entry 2 .* removed, added or moved/);
    expect(message([lines[0], lines[2], lines[1], lines[3]])).toThrow(/Entry 2 /);
    rmSync(paths.ledgerFile);
    catalogue.write((writer) => writer.run("DELETE FROM ledger_head"));
    appendEntry(place, decision("another"));
    const other = readFileSync(paths.ledgerFile, "utf8").trimEnd();
    expect(message([other, ...lines.slice(1)])).toThrow(/Entry 2 .* doesn't continue entry 1/);
  });

  it("a look at the tail finds what is missing there, and not what was changed before it", () => {
    const text = written(3);
    const { head: knownHead } = verifyLedger({ text });
    expect(verifyTail({ text, knownHead })).toEqual(knownHead);
    expect(verifyTail({ text: text.replace('"run1"', '"run9"'), knownHead })).toEqual(knownHead);
    const first = text.slice(0, text.indexOf("\n") + 1);
    expect(() => verifyTail({ text: first, knownHead })).toThrow(expect.objectContaining({ code: "ledger/truncated" }));
    expect(() => verifyTail({ text: `${first}{}\n{}\n`, knownHead })).toThrow(
      expect.objectContaining({ code: "ledger/broken" }),
    );
    expect(() => verifyTail({ text, knownHead: { entries: 3, hash: digest } })).toThrow(/rewritten/);
    expect(verifyTail({ text: "" })).toMatchObject({ entries: 0 });
  });

  it("reports a cut or rewritten tail by the head that is recorded elsewhere", () => {
    const text = written(3);
    const { head: knownHead } = verifyLedger({ text });
    const shorter = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
    expect(() => verifyLedger({ text: shorter, knownHead })).toThrow(
      expect.objectContaining({
        code: "ledger/truncated",
        message: expect.stringContaining("the last one is missing"),
      }),
    );
    expect(() => verifyLedger({ text: "", knownHead })).toThrow(expect.objectContaining({ code: "ledger/truncated" }));
    expect(() => verifyLedger({ text, knownHead: { entries: 3, hash: digest } })).toThrow(/rewritten/);
    expect(
      verifyLedger({ text, knownHead: { entries: 2, hash: JSON.parse(text.split("\n")[1] ?? "").hash } }).head,
    ).toEqual(knownHead);
  });
});

describe("the operations", () => {
  // The part of a core that the operations use.
  const operations = () =>
    ledgerOps({ ...bareCore(paths.root), project: () => madeProject(paths.root), catalogue: () => catalogue });
  const context = { signal: new AbortController().signal, report: () => {} };

  it("list doesn't treat a missing file as an empty ledger", async () => {
    expect(await operations()["ledger.list"]({ limit: 2 }, context)).toEqual({ entries: [], total: 0 });
    written(2);
    rmSync(paths.ledgerFile);
    await expect(operations()["ledger.list"]({ limit: 2 }, context)).rejects.toMatchObject({
      code: "ledger/truncated",
    });
  });

  it("list newest first, show an entry, and report a missing one", async () => {
    written(2);
    appendEntry(place, rollback);
    const { entries, total } = await operations()["ledger.list"]({ limit: 2 }, context);
    expect(total).toBe(3);
    expect(entries).toMatchObject([
      { index: 3, kind: "rollback", modelVersion: "2", verdict: null },
      { index: 2, kind: "decision", verdict: "PROMOTE" },
    ]);
    expect((await operations()["ledger.show"]({ index: 1 }, context)).entry).toMatchObject({ body: { runId: "run1" } });
    await expect(operations()["ledger.show"]({ index: 9 }, context)).rejects.toMatchObject({
      code: "ledger/not-found",
    });
  });

  it("verify: the number of entries and the head, or the error", async () => {
    const text = written(2);
    expect(await operations()["ledger.verify"]({}, context)).toMatchObject({
      entries: 2,
      head: head()?.hash,
      notice: null,
    });
    writeFileSync(paths.ledgerFile, text.slice(0, text.indexOf("\n") + 1));
    await expect(operations()["ledger.verify"]({}, context)).rejects.toMatchObject({ code: "ledger/truncated" });
  });

  it.each([
    ["is missing", () => undefined],
    ["was cut", (text: string) => text.slice(0, text.indexOf("\n") + 1)],
    ["was cut in the middle of a line", (text: string) => text.slice(0, -30)],
    ["was changed", (text: string) => text.replace("ada", "eve")],
    ["holds what is no text", () => Buffer.from([0xff, 0xfe, 0x0a])],
  ] as const)("restore: a file that %s is written again from the copy, and kept as it was", async (_, damage) => {
    const text = written(3);
    const damaged = damage(text);
    if (damaged === undefined) rmSync(paths.ledgerFile);
    else writeFileSync(paths.ledgerFile, damaged);
    const { restored, aside, ...rest } = await operations()["ledger.restore"]({}, context);
    expect(rest).toEqual({ entries: 3, file: paths.ledgerFile });
    expect(restored).toBeGreaterThan(0);
    expect(readFileSync(paths.ledgerFile, "utf8")).toBe(text);
    if (damaged === undefined) expect(aside).toBeNull();
    else expect(readFileSync(aside ?? "")).toEqual(Buffer.from(damaged));
    expect(await operations()["ledger.verify"]({}, context)).toMatchObject({ entries: 3 });
    expect(await operations()["ledger.restore"]({}, context)).toMatchObject({ restored: 0, aside: null });
    expect(appendEntry(place, decision("next")).index).toBe(4);
  });

  it("restore: entries that came with a pull are in the copy once the ledger was verified", async () => {
    const text = written(2);
    catalogue.write((writer) => {
      writer.run("DELETE FROM ledger_copy");
      writer.run("DELETE FROM ledger_head");
    });
    await operations()["ledger.verify"]({}, context);
    rmSync(paths.ledgerFile);
    expect(await operations()["ledger.restore"]({}, context)).toMatchObject({ entries: 2, restored: 2 });
    expect(readFileSync(paths.ledgerFile, "utf8")).toBe(text);
  });

  it("restore: an entry of another copy of the project isn't dropped, and marks of a conflict are named", async () => {
    const [first = "", second = "", third = ""] = written(3).split("\n");
    // The same number and the same predecessor, decided elsewhere.
    const { hash: _, ...content } = JSON.parse(third) as Record<string, unknown>;
    const others = { ...content, actor: "eve" };
    const other = canonicalJson({ ...others, hash: entryHash(others) });
    const conflict = `${first}\n${second}\n<<<<<<< HEAD\n${third}\n=======\n${other}\n>>>>>>> main\n`;
    for (const text of [`${first}\n${second}\n${other}\n`, conflict]) {
      writeFileSync(paths.ledgerFile, text);
      await expect(operations()["ledger.restore"]({}, context)).rejects.toMatchObject({
        code: "ledger/other-head",
        message: expect.stringContaining("an entry 3 by eve"),
      });
      expect(readFileSync(paths.ledgerFile, "utf8")).toBe(text);
    }
    await expect(operations()["ledger.verify"]({}, context)).rejects.toMatchObject({
      code: "ledger/broken",
      message: expect.stringContaining("line 3: a mark that git left"),
      next: [{ argv: expect.arrayContaining(["--ours"]) }, { argv: expect.arrayContaining(["--theirs"]) }],
    });
  });

  it("restore: without a complete copy it says so and changes nothing", async () => {
    const cut = written(3).split("\n").slice(0, 2).join("\n");
    writeFileSync(paths.ledgerFile, `${cut}\n`);
    catalogue.write((writer) => writer.run("DELETE FROM ledger_copy WHERE ledger_index = 2"));
    await expect(operations()["ledger.restore"]({}, context)).rejects.toMatchObject({
      code: "ledger/truncated",
      hint: expect.stringContaining("from a backup"),
    });
    expect(readFileSync(paths.ledgerFile, "utf8")).toBe(`${cut}\n`);
  });

  it("the way back that a cut ledger names is one that works", async () => {
    const text = written(2);
    writeFileSync(paths.ledgerFile, "");
    const refused = await operations()
      ["ledger.list"]({}, context)
      .catch((error: AppError) => error);
    if (!(refused instanceof AppError)) return expect.fail("it wasn't refused");
    expect(refused.next?.[0]).toMatchObject({ operation: "ledger.restore", input: {} });
    await operations()["ledger.restore"]({}, context);
    expect(readFileSync(paths.ledgerFile, "utf8")).toBe(text);
  });

  it("verify: a log of reads with fewer reads than an entry counted is refused, with the way back", async () => {
    const sha256 = "cd".repeat(32);
    const { body } = decision("r1") as { readonly body: DecisionBody };
    const tests = { ...body.data, tests: { reference: sha256 } };
    appendEntry(place, { kind: "decision", actor: "ada", body: { ...body, data: tests, referenceReads: 2 } });
    const read = (runId: string) =>
      recordReferenceRead(paths, { at: "2026-01-01T00:00:00Z", runId, purpose: "evaluate", sha256 });
    read("r0");
    await expect(operations()["ledger.verify"]({}, context)).rejects.toMatchObject({
      code: "ledger/reads-lost",
      message: expect.stringContaining(
        "has 1 read of the reference test of split 1, but entry 1 of the ledger counted 2",
      ),
      next: [{ program: "git", argv: ["-C", folder, "log", "--patch", "--", "ledger/reference_reads.jsonl"] }],
    });
    const known = { entries: readLedger(paths.ledgerFile), references: {}, now: new Date(0) };
    restoreLostReads(paths, known);
    restoreLostReads(paths, known);
    expect(countReferenceReads(paths, sha256)).toBe(2);
    read("r2");
    expect(countReferenceReads(paths, sha256)).toBe(3);
    expect(await operations()["ledger.verify"]({}, context)).toMatchObject({ entries: 1 });
  });

  it("export JSON, the ledger's own bytes, and CSV without formulas; never over a file", async () => {
    const text = written(1);
    appendEntry(place, rollback);
    const output = (name: string) => path.join(folder, name);
    const run = (name: string, format: "json" | "jsonl" | "csv") =>
      operations()["ledger.export"]({ output: output(name), format }, context);
    await run("a.jsonl", "jsonl");
    expect(readFileSync(output("a.jsonl"), "utf8")).toBe(readFileSync(paths.ledgerFile, "utf8"));
    expect(readFileSync(output("a.jsonl"), "utf8").startsWith(text)).toBe(true);
    await run("a.json", "json");
    expect(JSON.parse(readFileSync(output("a.json"), "utf8"))).toHaveLength(2);
    await run("a.csv", "csv");
    expect(readFileSync(output("a.csv"), "utf8").split("\r\n")[2]).toContain(",'=complaints,");
    await expect(run("a.csv", "csv")).rejects.toMatchObject({ code: "cli/usage" });
    expect(existsSync(output("b.csv"))).toBe(false);
  });
});
