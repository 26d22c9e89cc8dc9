import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { type Duck, openDuck } from "./open.ts";

const base = mkdtempSync(path.join(os.tmpdir(), "signalbox-confined-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function confined<T>(work: (duck: Duck) => Promise<T>): Promise<T> {
  const folder = path.join(base, "project");
  const duck = await openDuck({
    tempDirectory: path.join(base, "temp"),
    memoryLimitBytes: 200_000_000,
    confinedTo: {
      folders: [folder],
      files: [path.join(base, "tables", "master.csv"), path.join(folder, "linked.csv")],
    },
  });
  try {
    return await work(duck);
  } finally {
    duck.close();
  }
}

it("a confined DuckDB reaches its folders and files and spills, on every connection, and nothing else", async () => {
  for (const name of ["project", "tables", "elsewhere"]) mkdirSync(path.join(base, name), { recursive: true });
  for (const name of ["tables/master.csv", "tables/other.csv", "elsewhere/far.csv"])
    writeFileSync(path.join(base, name), "a\n1\n");
  writeFileSync(path.join(base, "elsewhere", "linked.csv"), "a\n1\n");
  symlinkSync(path.join(base, "elsewhere", "linked.csv"), path.join(base, "project", "linked.csv"));
  await confined(async (duck) => {
    const sibling = await duck.sibling();
    for (const it of [duck, sibling]) {
      const rowsOf = (name: string) => it.rows(`SELECT * FROM read_csv('${path.join(base, name)}')`);
      expect(await rowsOf("tables/master.csv")).toHaveLength(1);
      expect(await rowsOf("project/linked.csv")).toHaveLength(1);
      for (const name of ["tables/other.csv", "elsewhere/far.csv", "project/../elsewhere/far.csv"])
        await expect(rowsOf(name), name).rejects.toThrow(/disabled by configuration/);
      await expect(it.run(`COPY (SELECT 1 AS a) TO '${path.join(base, "out.csv")}'`)).rejects.toThrow(/disabled/);
      await expect(it.run("SET enable_external_access = true")).rejects.toThrow();
      await expect(it.run("SET allowed_directories = ['/']")).rejects.toThrow();
    }
    sibling.close();
    const sorted = "SELECT range AS r, repeat('x', 100) AS s FROM range(4000000) ORDER BY hash(range)";
    await duck.run(`COPY (${sorted}) TO '${path.join(base, "project", "sorted.parquet")}' (FORMAT parquet)`);
  });
});
