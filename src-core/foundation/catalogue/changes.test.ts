import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { feedPosition, noteChange, readChanges } from "./changes.ts";
import { type Catalogue, openCatalogue } from "./open.ts";

let folder: string;
let catalogue: Catalogue;
const file = () => path.join(folder, "catalogue.sqlite");

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sb-changes-"));
  catalogue = openCatalogue(file());
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

const note = (count: number) =>
  catalogue.write((writer) => {
    for (let at = 0; at < count; at += 1) noteChange(writer, "runs", [`r${at}`]);
  });

describe("the feed of changes", () => {
  it("gives a reader what was written since its position, oldest first", () => {
    const start = feedPosition(catalogue);
    note(2);
    const read = readChanges(catalogue, start);
    expect(read).toEqual({
      epoch: start.epoch,
      seq: start.seq + 2,
      changes: [
        { subject: "runs", ids: ["r0"] },
        { subject: "runs", ids: ["r1"] },
      ],
      mustRefetch: false,
    });
    expect(readChanges(catalogue, read)).toMatchObject({ seq: read.seq, changes: [], mustRefetch: false });
  });

  it("keeps nothing of a transaction that was undone", () => {
    const start = feedPosition(catalogue);
    expect(() =>
      catalogue.write((writer) => {
        noteChange(writer, "runs", ["r"]);
        throw new Error("undone");
      }),
    ).toThrow("undone");
    expect(readChanges(catalogue, start)).toMatchObject({ changes: [], mustRefetch: false });
  });

  it("has another epoch in a catalogue that was made anew, and tells its readers to fetch all again", () => {
    const start = feedPosition(catalogue);
    catalogue.close();
    rmSync(file());
    rmSync(`${file()}-wal`, { force: true });
    catalogue = openCatalogue(file());
    expect(feedPosition(catalogue).epoch).not.toBe(start.epoch);
    expect(readChanges(catalogue, start)).toMatchObject({ changes: [], mustRefetch: true });
  });

  it("is pruned: who comes for what is no longer kept fetches all again, who is recent reads on", () => {
    const start = feedPosition(catalogue);
    note(12_000);
    const kept = Number(catalogue.get("SELECT count(*) AS n FROM changes")?.n);
    expect(kept).toBeGreaterThanOrEqual(10_000);
    expect(kept).toBeLessThan(11_000);
    expect(readChanges(catalogue, start).mustRefetch).toBe(true);
    const recent = { epoch: start.epoch, seq: start.seq + 11_990 };
    expect(readChanges(catalogue, recent)).toMatchObject({ mustRefetch: false, seq: start.seq + 12_000 });
  });

  it("never uses a number twice, also after everything was pruned", () => {
    note(3);
    const { seq } = feedPosition(catalogue);
    catalogue.write((writer) => writer.run("DELETE FROM changes"));
    note(1);
    expect(feedPosition(catalogue).seq).toBe(seq + 1);
  });
});

describe("a catalogue's version", () => {
  it("is another one after a write by this process or by another connection, and the same without one", () => {
    const other = openCatalogue(file());
    const first = catalogue.version();
    expect(catalogue.version()).toBe(first);
    note(1);
    const second = catalogue.version();
    expect(second).not.toBe(first);
    other.write((writer) => noteChange(writer, "runs", []));
    expect(catalogue.version()).not.toBe(second);
    other.close();
  });
});
