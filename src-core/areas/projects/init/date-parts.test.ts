import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InitFolder, initFolder, tableFormats } from "../../../../test/support/init-folder.ts";

let lab: InitFolder;
beforeEach(() => {
  lab = initFolder();
});
afterEach(() => lab.remove());

/** 400 rows whose days are spread over a span that begins on 1 January 2019. */
const days = (span: number, more = "") =>
  `SELECT i AS id, TIMESTAMP '2019-01-01' + to_days((i * ${span} // 399)::INT)${more} AS day, sin(i * i) AS y FROM range(400) t(i)`;

describe.each(tableFormats)("the parts of dates of a %s table", (format) => {
  it.each([
    ["several years: the year and the day of the year", days(1_500), ["year", "month", "day_of_year", "weekday"]],
    ["exactly a year: no second one to compare", days(365), ["month", "day_of_year", "weekday"]],
    ["half a year: the month", days(200), ["month", "weekday"]],
    ["some weeks", days(40), ["weekday"]],
    [
      "several years with times of day",
      days(1_500, " + to_hours((i % 24)::INT)"),
      ["year", "month", "day_of_year", "weekday", "hour"],
    ],
  ])("over %s", async (_, select, parts) => {
    const table = await lab.table(format, select);
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"] });
    expect(lab.configsOf(made).feature.value.datetime).toMatchObject([{ columns: ["day"], parts }]);
  });

  it("of a column that also cuts the split keep the year", async () => {
    const table = await lab.table(format, days(1_500));
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"], time: "day" });
    expect(lab.configsOf(made).feature.value.datetime[0]?.parts).toContain("year");
    expect((await lab.checkSplit(made)).reference.rows).toBeGreaterThan(60);
  });
});
