import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newFolder } from "../../../../test/support/split-project.ts";
import { type Duck, openDuck } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import { readHeldOut, writeMembers, writeStageOne } from "./held-out.ts";
import { countSegments } from "./view-counts.ts";

const folder = newFolder();
const at = (name: string) => path.join(folder, name);
let duck: Duck;
beforeAll(async () => {
  duck = await openDuck({ tempDirectory: at("duck") });
});
afterAll(() => duck.close());

const write = (name: string, select: string) => duck.run(`COPY (${select}) TO ${literal(at(name))} (FORMAT parquet)`);

/** Rows of one fold, as a worker leaves them. `sourceOf`: the row of the pooled view that each one comes from. */
async function fold(name: string, rows: readonly number[], more: { sourceOf?: string; prediction?: string } = {}) {
  const { sourceOf = "i", prediction = "i / 10.0" } = more;
  await write(
    name,
    `SELECT i AS row, ${sourceOf} AS source_row, 'g' || (i % 2) AS "group", CAST(i AS DOUBLE) AS target, CAST(${prediction} AS DOUBLE) AS prediction FROM unnest([${rows.join(", ")}]) t(i)`,
  );
  return at(name);
}

describe("held-out predictions", () => {
  test("of all folds together are in the view's order, with their groups", async () => {
    const files = [await fold("a.parquet", [4, 1]), await fold("b.parquet", [0, 3])];
    const read = await readHeldOut(duck, files, true);
    expect([...read.rows]).toEqual([0, 1, 3, 4]);
    expect([...read.target]).toEqual([0, 1, 3, 4]);
    expect([...read.prediction]).toEqual([0, 0.1, 0.3, 0.4]);
    expect(read.groups).toEqual(["g0", "g1", "g1", "g0"]);
    expect((await readHeldOut(duck, files, false)).groups).toBeUndefined();
  });

  test("are all read when many views are read in parallel", async () => {
    const many = Array.from({ length: 12 }, (_, index) => `many-${index}.parquet`);
    for (const name of many)
      await write(
        name,
        `SELECT i AS row, i AS source_row, NULL AS "group", CAST(i AS DOUBLE) AS target, 0.5 AS prediction FROM range(9000) t(i)`,
      );
    const read = await Promise.all(many.map((name) => readHeldOut(duck, [at(name)], false)));
    expect(read.map(({ rows }) => rows.length)).toEqual(many.map(() => 9_000));
  });

  test("rows without a group form one of their own", async () => {
    await write("no-group.parquet", 'SELECT 0 AS row, NULL::VARCHAR AS "group", 1.0 AS target, 1.0 AS prediction');
    expect((await readHeldOut(duck, [at("no-group.parquet")], true)).groups).toEqual(["\u001e"]);
  });
});

describe("stage 1 as a feature of stage 2", () => {
  test("has one value for each row of the view, in its order, and none if no model predicted it", async () => {
    const files = [await fold("s1.parquet", [3, 1]), await fold("s2.parquet", [4])];
    await writeStageOne(duck, { files, rows: 6, to: at("stage.parquet") });
    const rows = await duck.rows(`SELECT prediction FROM read_parquet(${literal(at("stage.parquet"))})`);
    expect(rows.map((row) => row.prediction)).toEqual([null, 0.1, null, 0.3, 0.4, null]);
  });

  test("has the same bytes each time", async () => {
    const files = [await fold("t1.parquet", [3, 1, 0, 2])];
    await writeStageOne(duck, { files, rows: 5_000, to: at("one.parquet") });
    await writeStageOne(duck, { files, rows: 5_000, to: at("two.parquet") });
    expect(fileDigest(at("one.parquet"))).toBe(fileDigest(at("two.parquet")));
  });
});

describe("what an ensemble's weights are fitted on", () => {
  test("is the rows of the segment that both its own and the pooled models were held out on", async () => {
    // The segment's row i is the pooled view's row 10 + i.
    const own = [await fold("own.parquet", [2, 0, 1], { sourceOf: "i + 10", prediction: "100 + i" })];
    const pooled = [
      await fold("p1.parquet", [10, 3], { prediction: "-i" }),
      await fold("p2.parquet", [12], { prediction: "-i" }),
    ];
    expect(await writeMembers(duck, { pooled, own, to: at("members.parquet") })).toBe(2);
    expect(await duck.rows(`SELECT * FROM read_parquet(${literal(at("members.parquet"))})`)).toEqual([
      { target: 0, p0: -10, p1: 100 },
      { target: 2, p0: -12, p1: 102 },
    ]);
  });

  test("is nothing if they have no row in common", async () => {
    const own = [await fold("own2.parquet", [0], { sourceOf: "99" })];
    expect(await writeMembers(duck, { pooled: [await fold("p3.parquet", [0])], own, to: at("none.parquet") })).toBe(0);
  });
});

describe("rows of segments", () => {
  test("are counted on each side by the segment's value as a string; rows without a value belong to none", async () => {
    await write(
      "train.parquet",
      "SELECT unnest(['UA', 'UA', NULL, 'a''b']) AS carrier, unnest([1, 1, 2, NULL]) AS code",
    );
    await write("reference.parquet", "SELECT 'UA' AS carrier, 7 AS code");
    const files = { train: at("train.parquet"), reference: at("reference.parquet") };
    const byName = await countSegments(duck, files, "carrier");
    expect([...byName.train]).toEqual([
      ["UA", 2],
      ["a'b", 1],
    ]);
    expect([...byName.reference]).toEqual([["UA", 1]]);
    expect([...(await countSegments(duck, files, "code")).train]).toEqual([
      ["1", 2],
      ["2", 1],
    ]);
  });

  test("may be in a field of a struct, and are none without a column", async () => {
    await write("nested.parquet", "SELECT {'code': 'UA'} AS carrier UNION ALL SELECT {'code': 'DL'}");
    const files = { train: at("nested.parquet"), reference: at("nested.parquet") };
    expect([...(await countSegments(duck, files, "carrier.code")).train.keys()]).toEqual(["DL", "UA"]);
    expect((await countSegments(duck, files, null)).train.size).toBe(0);
  });
});
