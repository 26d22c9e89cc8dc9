import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { type Duck, openDuck } from "./open.ts";
import { nameRelation, spill } from "./spill.ts";

async function withDuck(work: (duck: Duck) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-spill-"));
  const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
  try {
    await work(duck);
  } finally {
    duck.close();
    rmSync(folder, { recursive: true });
  }
}

const columns = (n: number) => Array.from({ length: n }, (_, at) => `i + ${at} AS c${at}`).join(", ");

it.each([
  ["few columns", 99, 10, "VIEW"],
  ["many columns of few rows", 100, 10, "BASE TABLE"],
  ["many columns of many rows", 100, 20_001, "VIEW"],
])("a relation of %s is named as it is asked fastest, with the same rows", async (_, width, rows, kind) => {
  await withDuck(async (duck) => {
    const relation = await spill(duck, "kept", `SELECT ${columns(width)} FROM range(${rows}) t(i)`);
    await nameRelation(duck, "named", relation);
    const found = await duck.row("SELECT table_type FROM information_schema.tables WHERE table_name = 'named'");
    expect(found.table_type).toBe(kind);
    const last = `c${width - 1}`;
    expect(await duck.rows(`SELECT c0, ${last} FROM named`)).toEqual(
      await duck.rows(`SELECT c0, ${last} FROM ${relation}`),
    );
  });
});
