import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "./migrations.ts";
import { openCatalogue } from "./open.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-catalogue-"));
  file = path.join(folder, ".signalbox", "catalogue.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const first = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT";
const second = "ALTER TABLE notes ADD COLUMN colour TEXT";

describe("opening a catalogue", () => {
  it("creates it in WAL mode with all migrations", () => {
    const catalogue = openCatalogue(file);
    expect(catalogue.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    expect(catalogue.get("PRAGMA user_version")).toEqual({ user_version: migrations.length });
    catalogue.close();
  });

  it("migrates an older one and keeps its rows", () => {
    const old = openCatalogue(file, [first]);
    old.write((writer) => writer.run("INSERT INTO notes (text) VALUES (?)", "kept"));
    old.close();
    const now = openCatalogue(file, [first, second]);
    expect(now.all("SELECT text, colour FROM notes")).toEqual([{ text: "kept", colour: null }]);
    now.close();
  });

  it("migrates one of the first schema: drops what a run's folder has too, keeps runs, stages and jobs", () => {
    const old = openCatalogue(file, migrations.slice(0, 1));
    old.write((writer) => {
      writer.run(
        `INSERT INTO runs (run_id, run_number, name, experiment, status, fingerprint, split_version, feature_version, model_version,
          data_contract_version, started_at, params_json) VALUES ('r', 1, 'n', 'e', 'FINISHED', 'f', 1, 1, 1, 1, 0, '{}')`,
      );
      writer.run(
        "INSERT INTO stages (run_id, stage, state, started_at, result_json) VALUES ('r', 'split', 'finished', 7, '{}')",
      );
      writer.run("INSERT INTO jobs VALUES ('r/train', 'r', 'train', '/r/train', 'succeeded', 8)");
      writer.run("INSERT INTO job_attempts (job_id, attempt, state) VALUES ('r/train', 1, 'succeeded')");
      writer.run("INSERT INTO splits VALUES (1, 'm', 's', '{}', 0)");
      writer.run("INSERT INTO datasets VALUES ('h', 'p', 'split', 1, 1, 'r', 0)");
    });
    old.close();
    const now = openCatalogue(file);
    expect(now.all("SELECT * FROM stages")).toEqual([
      { run_id: "r", stage: "split", state: "finished", started_at: 7, ended_at: null, error_json: null },
    ]);
    expect(now.all("SELECT run_id, name FROM runs")).toEqual([{ run_id: "r", name: "n" }]);
    expect(now.all("SELECT job_id, state FROM jobs")).toEqual([{ job_id: "r/train", state: "succeeded" }]);
    const names = now.all("SELECT name FROM sqlite_master WHERE name IN ('splits', 'datasets', 'job_attempts')");
    expect(names).toEqual([]);
    now.close();
  });

  it("refuses one from a newer version and doesn't change it", () => {
    openCatalogue(file, [first, second]).close();
    const before = readFileSync(file);
    expect(() => openCatalogue(file, [first])).toThrow(expect.objectContaining({ code: "catalogue/newer-version" }));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("rolls back a failed migration, together with the previous ones of the same opening", () => {
    const broken = "CREATE TABLE half (id INTEGER) STRICT; CREATE TABEL nonsense";
    expect(() => openCatalogue(file, [first, broken])).toThrow(
      expect.objectContaining({ code: "catalogue/migration-failed" }),
    );
    const database = new Database(file, { readonly: true });
    expect(database.pragma("user_version", { simple: true })).toBe(0);
    expect(database.prepare("SELECT name FROM sqlite_master").all()).toEqual([]);
    database.close();
  });

  it("refuses a file that isn't a database and says how to continue", () => {
    openCatalogue(file).close();
    writeFileSync(file, "this is no database, and long enough to be looked at as one ".repeat(40));
    expect(() => openCatalogue(file)).toThrow(
      expect.objectContaining({ code: "catalogue/corrupt", hint: expect.stringContaining("rebuilds") }),
    );
  });
});

describe("a write", () => {
  it("is applied completely or not at all", () => {
    const catalogue = openCatalogue(file, [first]);
    expect(() =>
      catalogue.write((writer) => {
        writer.run("INSERT INTO notes (text) VALUES ('one')");
        throw new Error("in the middle");
      }),
    ).toThrow("in the middle");
    expect(catalogue.all("SELECT * FROM notes")).toEqual([]);
    catalogue.close();
  });

  it("never loses a row or fails with a lock error when several processes write", async () => {
    openCatalogue(file, [first]).close();
    const writers = 4;
    const rows = 150;
    const program = `
      const { openCatalogue } = await import(${JSON.stringify(new URL("./open.ts", import.meta.url).href)});
      const catalogue = openCatalogue(${JSON.stringify(file)}, [${JSON.stringify(first)}]);
      for (let i = 0; i < ${rows}; i++) catalogue.write((w) => {
        const { n } = w.get("SELECT COUNT(*) AS n FROM notes");
        w.run("INSERT INTO notes (text) VALUES (?)", process.pid + ":" + n);
      });
      catalogue.close();`;
    const exits = Array.from({ length: writers }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let errors = "";
      child.stderr.on("data", (bytes) => {
        errors += String(bytes);
      });
      return new Promise<string>((resolve) => child.on("exit", (code) => resolve(code === 0 ? "" : errors)));
    });
    expect(await Promise.all(exits)).toEqual(Array.from({ length: writers }, () => ""));
    const catalogue = openCatalogue(file, [first]);
    const texts = catalogue.all("SELECT text FROM notes").map((row) => String(row.text).split(":")[1]);
    // Each row holds how many there were before it: any lost or torn read-modify-write would repeat a number.
    expect(new Set(texts).size).toBe(writers * rows);
    catalogue.close();
  });
});
