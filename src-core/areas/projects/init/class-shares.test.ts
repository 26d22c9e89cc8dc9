import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InitFolder, initFolder, tableFormats } from "../../../../test/support/init-folder.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { isTestSql } from "../../splits/keys/membership.ts";
import type { InitResult } from "./init.ts";

let lab: InitFolder;
beforeEach(() => {
  lab = initFolder();
});
afterEach(() => lab.remove());

/** Rows of each class in turn, as "8 a, 3 b". */
const classes = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, rows]) => `SELECT '${name}' AS kind, i FROM range(${rows}) t(i)`)
    .join(" UNION ALL ");
const small = (counts: Readonly<Record<string, number>>) =>
  `SELECT row_number() OVER () AS id, sin(row_number() OVER ()) AS x, kind FROM (${classes(counts)})`;

/** Largest difference of a class's shares on the two sides, in points, computed from the files of the project. */
async function measured(made: InitResult, table: string): Promise<number> {
  const { salt } = lab.configsOf(made).split.value;
  const duck = await openDuck({ tempDirectory: path.join(lab.path, "duck") });
  try {
    const test = isTestSql(salt, "id::VARCHAR", 2_000);
    const row = await duck.row(
      `SELECT max(abs(a - b)) * 100 AS gap FROM (SELECT count(*) FILTER (t) / sum(count(*) FILTER (t)) OVER () AS a,
         count(*) FILTER (NOT t) / sum(count(*) FILTER (NOT t)) OVER () AS b
         FROM (SELECT kind, ${test} AS t FROM '${path.join(lab.path, table)}') GROUP BY kind)`,
    );
    return Number(row.gap);
  } finally {
    duck.close();
  }
}

const splitReason = (made: InitResult) => made.decisions.find(({ topic }) => topic === "split")?.reason ?? "";

describe.each(tableFormats)("classes of a %s table", (format) => {
  it("of 600 rows have nearly the same shares on both sides, and a run admits the split", async () => {
    const table = await lab.table(format, small({ a: 200, b: 90, c: 310 }));
    const made = await lab.init({ dir: "p", table, target: "kind" });
    const gap = await measured(made, table);
    expect(gap).toBeLessThanOrEqual(2);
    expect(splitReason(made)).toContain(
      `every class of kind is on both sides, and the shares of the classes differ by at most ${gap.toFixed(1)} points`,
    );
    expect(lab.configsOf(made).split.value).toMatchObject({ strategy: "stratified_hash", strata: ["kind"] });
    const manifest = await lab.checkSplit(made);
    expect(manifest.train.rows + manifest.reference.rows).toBe(600);
    expect(lab.read(made, "configs/splits/v1.yaml").replaceAll("\n# ", " ")).toContain("differ by at most");
  });

  it("of 26 rows are all on both sides, and init says how near the shares are", async () => {
    const table = await lab.table(format, small({ a: 8, b: 3, c: 15 }));
    const made = await lab.init({ dir: "p", table, target: "kind" });
    const gap = await measured(made, table);
    expect(gap).toBeLessThan(15);
    expect(splitReason(made)).toMatch(/every class of kind is on both sides/);
    expect(splitReason(made)).toMatch(/the least of 200 salts$/);
    const { train, reference } = await lab.checkSplit(made);
    expect([train.rows + reference.rows, reference.rows >= 4 && reference.rows <= 6]).toEqual([26, true]);
  });

  it("of which one has a single row can't be on both sides, and it is named", async () => {
    const table = await lab.table(format, small({ a: 100, only: 1, c: 120 }));
    const made = await lab.init({ dir: "p", table, target: "kind" });
    expect(splitReason(made)).toMatch(/only one side has the class only of kind/);
    expect(lab.configsOf(made).split.value).toMatchObject({ strata: [] });
    expect((await lab.checkSplit(made)).train.rows).toBeGreaterThan(150);
  });
});

it.each(tableFormats)(
  "classes that a split by group or time of a %s table leaves on one side are named",
  async (format) => {
    const kind = "CASE WHEN i >= 380 THEN 'new' WHEN i % 50 = 0 THEN 'old' ELSE ['a', 'b'][1 + i % 2] END";
    const table = await lab.table(
      format,
      `SELECT i AS id, 2001 + i // 20 AS year, 's' || CASE WHEN i >= 380 THEN 0 ELSE i % 31 END AS shop, sin(i) AS x, ${kind} AS kind FROM range(400) t(i)`,
    );
    const named = (made: InitResult) => made.decisions.find(({ topic }) => topic === "classes on one side")?.choice;
    expect(named(await lab.init({ dir: "time", table, target: "kind", key: ["id"], time: "year" }))).toBe("new");
    expect(named(await lab.init({ dir: "group", table, target: "kind", key: ["id"], group: ["shop"] }))).toMatch(/new/);
    expect(named(await lab.init({ dir: "key", table, target: "kind", key: ["id"] }))).toBeUndefined();
  },
);

it("rows added later move no key: the rule is still the hash of the key under the chosen salt", async () => {
  const table = await lab.table("csv", small({ a: 8, b: 3, c: 15 }));
  const made = await lab.init({ dir: "p", table, target: "kind" });
  const { salt } = lab.configsOf(made).split.value;
  const { train, reference } = await lab.checkSplit(made);
  const duck = await openDuck({ tempDirectory: path.join(lab.path, "duck") });
  const { test } = await duck.row(
    `SELECT count(*) FILTER (${isTestSql(salt, "id::VARCHAR", 2_000)}) AS test FROM '${path.join(lab.path, table)}'`,
  );
  duck.close();
  expect([Number(test), 26 - Number(test)]).toEqual([reference.rows, train.rows]);
});
