import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../../test/support/split-project.ts";

/** 200 rows of the years 2001 to 2020, ten of each; ten shops. */
const rows =
  "SELECT i AS id, 's' || (i % 10) AS shop, 2001 + i // 10 AS year, sin(i)::DOUBLE AS y FROM range(200) t(i)";

const contract: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "y",
  columns: {
    id: { type: "int", non_nullable: true },
    shop: { type: "string", non_nullable: true },
    year: { type: "int", non_nullable: true },
    y: { type: "float", non_nullable: true },
  },
};
const common = { version: 1 as const, rules: 2 as const, salt: "s" };

async function run(split: SplitProjectInput["split"], select = rows, name = "data/master.parquet") {
  const root = newFolder();
  await writeMaster(root, select, name);
  const project = splitProject({ root, contract, split, master: name });
  const result = await project.run();
  const years = async (file: string) =>
    (await sql(`SELECT DISTINCT year FROM '${project.file(file)}' ORDER BY year`)).map((row) => Number(row.year));
  return { result, years };
}

describe.each(["csv", "jsonl", "parquet"])("a split by whole years of a %s table", (format) => {
  const master = `data/master.${format}`;

  it("cuts at the first moment of a year; embargo and moving periods count back from there", async () => {
    const optional_tests = [{ name: "last", moving_period: { column: "year", durations: ["400d"] } }];
    const split = {
      ...common,
      strategy: "temporal" as const,
      column: "year",
      cutoff: 2016,
      embargo: "365d",
      optional_tests,
    };
    const { result, years } = await run(split, rows, master);
    expect(result.rowCounts).toMatchObject({ train: 140, embargo: 10, reference: 50 });
    expect((await years(result.train.path)).at(-1)).toBe(2014);
    expect(await years(result.reference.path)).toEqual([2016, 2017, 2018, 2019, 2020]);
    expect(await years(result.optional[0]?.path ?? "")).toEqual([2019, 2020]);
    expect(result.checks.find(({ check }) => check === "time_order")).toMatchObject({ count: 0 });
  });

  it("takes a closed period of years for its groups", async () => {
    const closed_period = { column: "year", from: 2010, to: 2012 };
    const split = {
      ...common,
      strategy: "geographic" as const,
      group: ["shop"],
      test_groups: ["s1", "s2"],
      closed_period,
    };
    const { result, years } = await run(split, rows, master);
    expect(await years(result.reference.path)).toEqual([2010, 2011]);
    expect(result.rowCounts).toMatchObject({ reference: 4, test_outside_period: 36, train: 160 });
  });
});

it("refuses whole numbers that are no years, with their count", async () => {
  const split = { ...common, strategy: "temporal" as const, column: "year", cutoff: 2016 };
  const dates = rows.replace("2001 + i // 10", "CASE WHEN i % 4 = 0 THEN 20130131 ELSE 2001 END");
  await expect(run(split, dates)).rejects.toMatchObject({
    code: "splits/invalid-key",
    message: expect.stringMatching(/column year of whole numbers, of which 50 aren't years/),
  });
});
