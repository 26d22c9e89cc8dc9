import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../test/support/split-project.ts";
import { temporaryPath } from "../../foundation/files/durable.ts";
import { nameMark, ownIdentity } from "../../foundation/files/process-identity.ts";
import { splitStage } from "./split-stage.ts";
import { trySplit } from "./try-split.ts";

const required = { non_nullable: true } as const;

const contract: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "sales",
  columns: {
    id: { type: "int", ...required },
    shop: { type: "string", ...required },
    day: { type: "timestamp", ...required },
    area: { type: "float", min: 0 },
    staff: { type: "int", min: 0, max: 49 },
    region: { type: "string", allowed_values: ["north", "south", "the far west"] },
    sales: { type: "float", ...required },
  },
};

const rows = (n: number, from = 0) =>
  `SELECT i AS id, 'shop ' || (hash(i * 7) % 100) AS shop, TIMESTAMP '2013-01-01' + to_hours(i) AS day, (hash(i * 3) % 100003) / 7.0::DOUBLE AS area, CASE WHEN i % 10 = 0 THEN NULL ELSE (hash(i * 5) % 50)::INTEGER END AS staff, ['north', 'south', 'the far west'][1 + i % 3] AS region, (hash(i * 9) % 100000) / 10.0::DOUBLE AS sales FROM range(${from}, ${from + n}) t(i)`;

const byShop: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "group_hash",
  salt: "shops/v1",
  group: ["shop"],
  test_basis_points: 2_000,
  optional_tests: [
    { name: "recent", moving_period: { column: "day", durations: ["7d", "2w"] } },
    { name: "big", filter: { sql: "area > 10000" } },
    { name: "none", filter: { sql: "area < -1" } },
    { name: "by_region", slice: { column: "region" } },
  ],
};

async function prepared(
  split: SplitProjectInput["split"] = byShop,
  n = 2_000,
): Promise<SplitProjectInput & { root: string }> {
  const root = newFolder();
  await writeMaster(root, rows(n));
  return { root, contract, split };
}

describe("the split stage", () => {
  it("writes each side once, in key order, with what happened to every row", async () => {
    const input = await prepared({ ...byShop });
    const project = splitProject({
      ...input,
      contract: { ...contract, exclude: [{ name: "tiny", sql: "area < 500", reason: "too small" }] },
    });
    const result = await project.run();
    expect(result.isReferenceNew).toBe(true);
    expect(Object.keys(result.rowCounts)).toEqual(["excluded_tiny", "train", "reference"]);
    expect(Object.values(result.rowCounts).reduce((a, b) => a + b)).toBe(2_000);
    expect(result.optional.map(({ name }) => name)).toEqual([
      "recent_7d",
      "recent_2w",
      "big",
      "by_region__north",
      "by_region__south",
      expect.stringMatching(/^by_region__the_far_west-[0-9a-f]{6}$/),
    ]);
    expect(result.skipped).toEqual([{ name: "none", reason: "no row of the test side is in it" }]);
    const ids = (await sql(`SELECT id FROM '${project.file(result.train.path)}'`)).map((row) => Number(row.id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const straddling = await sql(
      `SELECT shop FROM '${project.file(result.train.path)}' SEMI JOIN '${project.file(result.reference.path)}' USING (shop)`,
    );
    expect(straddling).toEqual([]);
    const recent = await sql(
      `SELECT (SELECT max(day) FROM '${project.file(result.reference.path)}') - min(day) <= INTERVAL 7 DAY AS ok FROM '${project.file("data/splits/v1/optional_tests/recent_7d.parquet")}'`,
    );
    expect(recent[0]?.ok).toBe(true);
    expect(readdirSync(project.file("data/splits")).sort()).toEqual(["v1"]);
  });

  it("works if the table and the data folder are links to another disk, and the project is named through one", async () => {
    const { root, contract: own, split } = await prepared();
    const elsewhere = newFolder();
    mkdirSync(path.join(elsewhere, "big"));
    renameSync(path.join(root, "data", "master.parquet"), path.join(elsewhere, "master.parquet"));
    rmdirSync(path.join(root, "data"));
    symlinkSync(path.join(elsewhere, "big"), path.join(root, "data"));
    symlinkSync(path.join(elsewhere, "master.parquet"), path.join(root, "data", "master.parquet"));
    const link = path.join(elsewhere, "project");
    symlinkSync(root, link);
    const project = splitProject({ root: link, contract: own, split });
    const { reference, train } = await project.run();
    expect(reference.rows + train.rows).toBe(2_000);
    expect((await project.run()).train).toEqual(train);
    // Rebuilt, reading the frozen reference.
    writeFileSync(path.join(link, "data", "splits", "v1", "train.parquet"), "damaged");
    expect((await project.run()).train).toEqual(train);
  });

  it("returns at once when nothing changed, and repairs what was damaged with the same bytes", async () => {
    const project = splitProject(await prepared());
    const first = await project.run();
    const again = await project.run();
    expect({ ...again, isReferenceNew: true }).toEqual(first);
    appendFileSync(project.file(first.train.path), "x");
    writeFileSync(project.file("data/splits/v1/optional_tests/stale.parquet"), "x");
    const mended = await project.run();
    expect({ ...mended, isReferenceNew: true }).toEqual(first);
    expect(existsSync(project.file("data/splits/v1/optional_tests/stale.parquet"))).toBe(false);
  });

  it("gives another folder the same bytes, manifest included", async () => {
    const one = await splitProject(await prepared()).run();
    const other = await splitProject(await prepared()).run();
    expect(other.train).toEqual(one.train);
    expect(other.reference).toEqual(one.reference);
    expect(other.rowCounts).toEqual(one.rowCounts);
  });

  it("keeps the reference byte for byte and withholds the rows that would join it", async () => {
    const input = await prepared();
    const first = await splitProject(input).run();
    await writeMaster(input.root, rows(2_500));
    const second = await splitProject(input).run();
    expect(second.isReferenceNew).toBe(false);
    expect(second.reference).toEqual(first.reference);
    expect(second.train.sha256).not.toBe(first.train.sha256);
    expect(second.rowCounts.reference).toBe(first.rowCounts.reference);
    expect(second.rowCounts.withheld).toBeGreaterThan(0);
    expect(Object.values(second.rowCounts).reduce((a, b) => a + b)).toBe(2_500);
  });

  it("says which rows of the reference the table has otherwise, or no longer", async () => {
    const input = await prepared();
    const first = await splitProject(input).run();
    const inReference = `id IN (SELECT id FROM read_parquet('${path.join(input.root, first.reference.path)}'))`;
    const changed = (condition: string) =>
      `SELECT * REPLACE (CASE WHEN ${inReference} AND id % 2 = 0 THEN sales + 1 ELSE sales END AS sales) FROM (${rows(2_000)}) WHERE ${condition}`;
    const counted = async (condition: string) =>
      Number((await sql(`SELECT count(*) AS n FROM (${rows(2_000)}) WHERE ${inReference} AND ${condition}`))[0]?.n);
    await writeMaster(input.root, changed(`NOT (${inReference} AND id % 7 = 0)`));
    const [gone, other] = [await counted("id % 7 = 0"), await counted("id % 2 = 0 AND id % 7 <> 0")];
    const { warnings } = await splitProject(input).run();
    const keys = String.raw`\(id=\d+; id=\d+; id=\d+; and \d+ more\)`;
    expect(warnings.join("\n")).toMatch(
      new RegExp(
        `${gone} rows of the frozen reference test are no longer in the table ${keys} and ${other} rows of it have other values in the table ${keys}; the test keeps the rows as they were`,
      ),
    );
    await writeMaster(input.root, `${rows(2_000)} ORDER BY hash(i)`);
    expect((await splitProject(input).run()).warnings.join()).not.toContain("frozen reference");
  });

  it("stops where a new contract reads a column of the frozen reference as another type", async () => {
    const input = await prepared();
    await splitProject(input).run();
    const columns = { ...input.contract.columns, staff: { type: "float" as const } };
    await expect(splitProject({ ...input, contract: { ...input.contract, columns } }).run()).rejects.toMatchObject({
      code: "configs/inconsistent",
      message:
        "The frozen reference test of split 1 has other types than the table as configs/data_contracts/v1.yaml reads it: staff is INTEGER in it and DOUBLE now.",
    });
  });

  it("stops at a changed reference, and at a lost one where the table gives another now", async () => {
    const input = await prepared();
    const project = splitProject(input);
    const first = await project.run();
    const reference = project.file(first.reference.path);
    const bytes = readFileSync(reference);
    writeFileSync(reference, Buffer.concat([bytes, Buffer.from("x")]));
    await expect(project.run()).rejects.toMatchObject({ code: "splits/reference-changed" });
    rmSync(reference);
    const table = project.file("data/master.parquet");
    const before = readFileSync(table);
    await writeMaster(input.root, rows(2_100));
    await expect(project.run()).rejects.toMatchObject({
      code: "splits/reference-missing",
      message: expect.stringContaining("the table now gives another one"),
    });
    expect(existsSync(reference)).toBe(false);
    writeFileSync(table, before);
    const again = await project.run();
    expect(again).toEqual({ ...first, isReferenceNew: false });
    expect(readFileSync(reference)).toEqual(bytes);
  });

  it("restores a missing reference from where it is kept", async () => {
    const input = await prepared();
    const first = await splitProject(input).run();
    const project = splitProject(input);
    const reference = project.file(first.reference.path);
    const bytes = readFileSync(reference);
    rmSync(reference);
    const restore = async (file: string) => {
      writeFileSync(file, bytes);
      return true;
    };
    const again = await splitStage({ ...project.context, core: { ...project.context.core, versioning: { restore } } });
    expect(again.reference).toEqual(first.reference);
  });

  it("adopts the reference left by a run that was killed before recording it, if it is equal", async () => {
    const input = await prepared();
    const first = await splitProject(input).run();
    rmSync(path.join(input.root, "configs/frozen.json"));
    rmSync(path.join(input.root, "data/splits"), { recursive: true });
    const again = await splitProject(input).run();
    expect(again.reference).toEqual(first.reference);
    expect(again.isReferenceNew).toBe(true);
    rmSync(path.join(input.root, "configs/frozen.json"));
    writeFileSync(path.join(input.root, first.reference.path), "another");
    await expect(splitProject(input).run()).rejects.toMatchObject({ code: "splits/reference-changed" });
    expect(readFileSync(path.join(input.root, first.reference.path), "utf8")).toBe("another");
  });

  it("removes what a killed process left, and nothing of a running one", async () => {
    const project = splitProject(await prepared());
    const mark = nameMark({ ...ownIdentity(), pid: 999_999_999 });
    const dead = project.file(`data/splits/.v1.signalbox-tmp-${mark}-00000000`);
    const alive = temporaryPath(project.file("data/splits/v1"));
    for (const folder of [dead, alive]) mkdirSync(folder, { recursive: true });
    await project.run();
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });

  it("stops at once when cancelled, leaving nothing", async () => {
    const controller = new AbortController();
    const input = await prepared(byShop, 50_000);
    const project = splitProject({ ...input, signal: controller.signal });
    const running = project.run();
    setTimeout(() => controller.abort(), 60);
    await expect(running).rejects.toMatchObject({ code: "internal/cancelled" });
    expect(existsSync(project.file("data/reference/tests/v1/test_reference.parquet"))).toBe(false);
    expect(existsSync(project.file("data/splits/v1"))).toBe(false);
  });

  it("tries a split without keeping anything", async () => {
    const project = splitProject(await prepared());
    const tried = await trySplit(project.context.core, project.context);
    expect(existsSync(project.file("data/splits/v1"))).toBe(false);
    expect(existsSync(project.file("configs/frozen.json"))).toBe(false);
    const made = await project.run();
    expect(tried.train.sha256).toBe(made.train.sha256);
    expect(tried.reference.sha256).toBe(made.reference.sha256);
  });

  it("refuses an empty side and an empty stratum", async () => {
    const late = {
      version: 1,
      rules: 2,
      strategy: "temporal",
      salt: "s",
      column: "day",
      cutoff: "2099-01-01",
    } as const;
    await expect(splitProject(await prepared(late)).run()).rejects.toMatchObject({ code: "splits/empty-side" });
    const early = { ...late, cutoff: "2000-01-01" };
    await expect(splitProject(await prepared(early)).run()).rejects.toMatchObject({ code: "splits/empty-side" });
    const strata: SplitProjectInput["split"] = {
      version: 1,
      rules: 2,
      strategy: "stratified_hash",
      salt: "s",
      strata: ["region"],
      test_basis_points: 1,
    };
    await expect(splitProject(await prepared(strata, 20_000)).run()).rejects.toMatchObject({
      code: "splits/empty-stratum",
    });
  });

  it("names the missing master table", async () => {
    const input = await prepared();
    rmSync(path.join(input.root, "data/master.parquet"));
    await expect(splitProject(input).run()).rejects.toMatchObject({ code: "splits/master-missing" });
    await expect(splitProject({ ...input, master: "data/*.parquet" }).run()).rejects.toMatchObject({
      code: "splits/master-missing",
    });
  });

  it("reads a glob of Parquet and CSV and JSON lines as the same table", async () => {
    const input = await prepared();
    const whole = await splitProject(input).run();
    for (const [master, files] of [
      ["parts/*.parquet", ["parts/a.parquet", "parts/b.parquet"]],
      ["data/all.csv", ["data/all.csv"]],
      ["data/all.jsonl", ["data/all.jsonl"]],
    ] as const) {
      const root = newFolder();
      await writeMaster(root, rows(files.length === 2 ? 1_000 : 2_000), files[0]);
      if (files.length === 2) await writeMaster(root, rows(1_000, 1_000), files[1]);
      const result = await splitProject({ ...input, root, master }).run();
      expect([master, result.train.rows, result.reference.rows]).toEqual([
        master,
        whole.train.rows,
        whole.reference.rows,
      ]);
    }
  });

  it("refuses features that are known only after the decision, and the target", async () => {
    const input = await prepared();
    const feature = (column: string) => ({ version: 1 as const, numeric: [{ columns: [column] }] });
    await expect(splitProject({ ...input, feature: feature("sales") }).run()).rejects.toMatchObject({
      code: "splits/leakage",
    });
    const after = {
      ...contract,
      columns: { ...contract.columns, area: { type: "float" as const, known: "after" as const } },
    };
    await expect(splitProject({ ...input, contract: after, feature: feature("area") }).run()).rejects.toMatchObject({
      code: "splits/leakage",
    });
  });

  it("takes a feature whose name begins as the target's does", async () => {
    const input = await prepared();
    const named = {
      ...contract,
      columns: { ...contract.columns, "sales.net": contract.columns.area ?? { type: "float" as const } },
    };
    const feature = { version: 1 as const, numeric: [{ columns: ["sales.net"] }] };
    const refused = splitProject({ ...input, contract: named, feature }).run();
    // It goes on to the table, which has no such column.
    await expect(refused).rejects.toMatchObject({ code: "splits/contract-violated" });
  });
});
