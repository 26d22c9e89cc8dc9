import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InitFolder, initFolder, tableFormats } from "../../../../test/support/init-folder.ts";

let lab: InitFolder;
beforeEach(() => {
  lab = initFolder();
});
afterEach(() => lab.remove());

const rows = (year: string) =>
  `SELECT i AS id, 's' || (i % 23) AS shop, ${year} AS year, sin(i * i) AS y FROM range(400) t(i)`;

describe.each(tableFormats)("--time with whole years of a %s table", (format) => {
  it("cuts at a year, and a run admits the split", async () => {
    const table = await lab.table(format, rows("2001 + i // 20"));
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"], time: "year" });
    expect(lab.configsOf(made).split.value).toMatchObject({ strategy: "temporal", column: "year", cutoff: 2017 });
    expect(lab.configsOf(made).feature.value.numeric[0]?.columns).toContain("year");
    const { train, reference } = await lab.checkSplit(made);
    expect([train.rows, reference.rows]).toEqual([320, 80]);
  });

  it("and a group, with rows that have no year", async () => {
    const table = await lab.table(format, rows("CASE WHEN i % 40 > 0 THEN 2001 + i // 20 END"));
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"], time: "year", group: ["shop"] });
    expect(lab.configsOf(made).split.value).toMatchObject({ strategy: "group_temporal", cutoff: 2017 });
    const { train, reference } = await lab.checkSplit(made);
    const said = made.decisions.find(({ topic }) => topic === "split")?.choice;
    expect(said).toBe(`group_temporal: about ${train.rows} rows to train on, ${reference.rows} in the reference test`);
  });

  it.each([
    ["a compact date", "20130101 + i"],
    ["a counter", "i"],
  ])("refuses %s, which is no year", async (_, year) => {
    const table = await lab.table(format, rows(year));
    const refused = await lab.failure({ dir: "p", table, target: "y", key: ["id"], time: "year" });
    expect(refused).toMatchObject({ code: "projects/invalid", hint: expect.stringMatching(/whole years \(2013\)/) });
  });
});
