import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type SplitProject,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../test/support/split-project.ts";
import type { SplitResult } from "../../contract/runs/stage-results.ts";
import { splitView, type ViewRequest } from "./split-views.ts";

const required = { non_nullable: true } as const;
const contract: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "sales",
  columns: {
    id: { type: "int", ...required },
    shop: { type: "string", ...required },
    region: { type: "string" },
    code: { type: "int" },
    sales: { type: "float", ...required },
    returns: { type: "float" },
  },
};
const split: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "group_hash",
  salt: "shops/v1",
  group: ["shop"],
  test_basis_points: 3_000,
  optional_tests: [
    { name: "north", filter: { sql: "region = 'north'" } },
    { name: "large", filter: { sql: "sales > 40" } },
  ],
};

/** Every seventh row has no returns; the region "rare" is one shop's only, so that one side has none of it. */
const rows = `SELECT i AS id, 'shop ' || (i % 20) AS shop, CASE WHEN i % 20 = 3 THEN 'rare' ELSE ['north', 'south', 'it''s far'][1 + i % 3] END AS region, (i % 4)::INTEGER AS code, (i % 50)::DOUBLE AS sales, CASE WHEN i % 7 = 0 THEN NULL ELSE (i % 11)::DOUBLE END AS returns FROM range(600) t(i)`;

let project: SplitProject;
let shared: SplitResult;
const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-views-"));
beforeAll(async () => {
  await writeMaster(root, rows);
  project = splitProject({ root, contract, split });
  shared = await project.run();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const target = (column: string) => ({ name: column, column, sql: null, task: "regression" as const });
const computed = (name: string, expression: string, task: "regression" | "binary" = "binary") => ({
  ...{ name, column: name, sql: expression, task },
});
const view = (request: Partial<ViewRequest> & Pick<ViewRequest, "target">) =>
  splitView(project.context, shared, { segment: null, ...request });
const inRegion = (value: string) => ({ column: "region", value });

const table = (side: { readonly path: string }) => `read_parquet('${project.file(side.path)}')`;
const numbers = async (statement: string) => (await sql(statement)).map((row) => Object.values(row).map(Number));

describe("a target's view of a split", () => {
  test("is the split's rows with a value of it, in the order of the key", async () => {
    const { train, reference, rowCounts } = await view({ target: target("returns") });
    const kept = `SELECT id FROM ${table(shared.train)} WHERE returns IS NOT NULL ORDER BY id`;
    expect(await numbers(`SELECT id FROM ${table(train)}`)).toEqual(await numbers(kept));
    expect(train.rows + reference.rows).toBeLessThan(600);
    expect(rowCounts).toEqual({
      train: train.rows,
      reference: reference.rows,
      other_segments_or_no_target: 600 - train.rows - reference.rows,
    });
  });

  test("keeps every column, and the shared split's identity", async () => {
    const made = await view({ target: target("returns") });
    const columns = async (side: { readonly path: string }) =>
      (await sql(`DESCRIBE SELECT * FROM ${table(side)}`)).map((row) => row.column_name);
    expect(await columns(made.train)).toEqual(await columns(shared.train));
    expect(made).toMatchObject({ manifest: shared.manifest, masterSha256: shared.masterSha256, group: ["shop"] });
    expect(made.isReferenceNew).toBe(shared.isReferenceNew);
  });

  test("of a segment is that segment's rows alone, whatever its name or type", async () => {
    const far = await view({ target: target("sales"), segment: inRegion("it's far") });
    expect(await sql(`SELECT DISTINCT region FROM ${table(far.train)}`)).toEqual([{ region: "it's far" }]);
    const third = await view({ target: target("sales"), segment: { column: "code", value: "3" } });
    expect(await numbers(`SELECT DISTINCT code FROM ${table(third.train)}`)).toEqual([[3]]);
  });

  test("of all segments together is the whole view, each row once", async () => {
    const whole = await view({ target: target("sales") });
    const parts = await Promise.all(
      ["0", "1", "2", "3"].map((value) => view({ target: target("sales"), segment: { column: "code", value } })),
    );
    expect(parts.reduce((sum, { train }) => sum + train.rows, 0)).toBe(whole.train.rows);
    expect(whole.train.rows).toBe(shared.train.rows);
  });

  test("of a computed target has its value as a column; rows where it is null are excluded", async () => {
    const { train } = await view({ target: computed("busy", "returns > 5") });
    const rowsOf = `SELECT id, busy::INTEGER FROM ${table(train)}`;
    const expected = `SELECT id, (returns > 5)::INTEGER FROM ${table(shared.train)} WHERE returns IS NOT NULL ORDER BY id`;
    expect(await numbers(rowsOf)).toEqual(await numbers(expected));
  });

  test("of a computed number is measured like any other", async () => {
    const { train } = await view({
      target: computed("net", "sales - returns -- without what came back", "regression"),
    });
    const expected = `SELECT sales - returns FROM ${table(shared.train)} WHERE returns IS NOT NULL ORDER BY id`;
    expect(await numbers(`SELECT net FROM ${table(train)}`)).toEqual(await numbers(expected));
  });
});

describe("optional tests", () => {
  test("are the view's own, and one without a row is skipped and reported", async () => {
    const south = await view({ target: target("sales"), segment: inRegion("south") });
    expect(south.optional.map(({ name }) => name)).toEqual(["large"]);
    expect(south.skipped).toContainEqual({ name: "north", reason: "no row of this target and segment" });
    const north = await view({ target: target("sales"), segment: inRegion("north") });
    expect(north.optional.map(({ name }) => name)).toEqual(["north", "large"]);
    expect(north.skipped).toEqual([]);
  });
});

describe("the files of a view", () => {
  const folderOf = (made: SplitResult) => path.dirname(project.file(made.train.path));

  test("are the same bytes each time they are made, in any project", async () => {
    const first = await view({ target: target("returns"), segment: inRegion("south") });
    rmSync(folderOf(first), { recursive: true });
    expect(await view({ target: target("returns"), segment: inRegion("south") })).toEqual(first);
    const other = mkdtempSync(path.join(os.tmpdir(), "signalbox-views-"));
    await writeMaster(other, rows);
    const elsewhere = splitProject({ root: other, contract, split });
    const request = { target: target("returns"), segment: inRegion("south") };
    expect((await splitView(elsewhere.context, await elsewhere.run(), request)).train).toEqual(first.train);
    rmSync(other, { recursive: true });
  });

  test("are made once for equal views, whichever caller needs them", async () => {
    const first = await view({ target: target("sales"), segment: inRegion("north") });
    const { mtimeMs } = statSync(project.file(first.train.path));
    const again = await view({ target: target("sales"), segment: inRegion("north") });
    expect(again).toEqual(first);
    expect(statSync(project.file(again.train.path)).mtimeMs).toBe(mtimeMs);
  });

  test.each(["view.json", "train.parquet", "reference.parquet"])(
    "are made again where %s was damaged",
    async (name) => {
      const first = await view({ target: target("sales"), segment: inRegion("north") });
      const file = path.join(folderOf(first), name);
      const before = readFileSync(file);
      const damaged = Buffer.from(before);
      damaged.write("XX", damaged.length - 40);
      writeFileSync(file, name === "view.json" ? before.subarray(0, 30) : damaged);
      expect(await view({ target: target("sales"), segment: inRegion("north") })).toEqual(first);
      expect(readFileSync(file)).toEqual(before);
    },
  );

  test("leave nothing else behind", () => {
    const names = readdirSync(path.join(project.context.project.paths.cache, "views"));
    expect(names.every((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true);
  });
});

describe("a view that can't be used", () => {
  test("reports which side has no row, and of what", async () => {
    const request = { target: target("sales"), segment: inRegion("rare") };
    await expect(view(request)).rejects.toMatchObject({
      code: "splits/empty-side",
      message: expect.stringMatching(
        /^The (train set|reference test) has no row with a value of sales in region = rare\.$/,
      ),
      details: { target: "sales", segment: "rare" },
    });
    // It is refused even if it is known from before.
    await expect(view(request)).rejects.toMatchObject({ code: "splits/empty-side" });
  });

  test.each([
    ["(SELECT max(sales) FROM t) > 1", "binary"],
    ["random() > 0.5", "binary"],
    ["sales > 1) AS x, (true", "binary"],
    ["sales", "binary"],
    ["sales > 1", "regression"],
  ] as const)("the SQL %j is refused for a %s target", async (expression, task) => {
    await expect(view({ target: computed("busy", expression, task) })).rejects.toMatchObject({
      code: "splits/sql-refused",
      message: expect.stringContaining("the target busy in signalbox.yaml"),
    });
  });
});
