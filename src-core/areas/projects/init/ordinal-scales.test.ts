import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InitFolder, initFolder, tableFormats } from "../../../../test/support/init-folder.ts";

let lab: InitFolder;
beforeEach(() => {
  lab = initFolder();
});
afterEach(() => lab.remove());

/** 300 rows with these strings in turn, each in a column of its name. */
const texts = (columns: Readonly<Record<string, readonly (string | null)[]>>) =>
  `SELECT i AS id, sin(i) AS x, ${Object.entries(columns)
    .map(([name, values]) => {
      const listed = values.map((value) => (value === null ? "NULL" : `'${value}'`)).join(", ");
      return `[${listed}][1 + (i * 7) % ${values.length}] AS "${name}"`;
    })
    .join(", ")}, cos(i * i) AS y FROM range(300) t(i)`;

describe.each(tableFormats)("texts of a known scale in a %s table", (format) => {
  it("are encoded by their rank, written as the table writes them, and a run can use them", async () => {
    const columns = {
      risk: ["medium", "high", "low"],
      "size of shirt": ["XL", "S", "L", "M", "XXL"],
      stars: ["5 stars", "1 star", "3 stars", "10 stars"],
      parcel: ["Large", "small", "Medium"],
      grade: ["good", "poor", "Excellent", "fair"],
      how_often: ["always", "never", "often", "sometimes"],
      Note: ["sehr gut", "gut", "schlecht"],
    };
    const made = await lab.init({ dir: "p", table: await lab.table(format, texts(columns)), target: "y", key: ["id"] });
    const blocks = lab.configsOf(made).feature.value.categorical;
    expect(Object.assign({}, ...blocks.map(({ order }) => order))).toEqual({
      risk: ["low", "medium", "high"],
      "size of shirt": ["S", "M", "L", "XL", "XXL"],
      stars: ["1 star", "3 stars", "5 stars", "10 stars"],
      parcel: ["small", "Medium", "Large"],
      grade: ["poor", "fair", "good", "Excellent"],
      how_often: ["never", "sometimes", "often", "always"],
      Note: ["schlecht", "gut", "sehr gut"],
    });
    expect(blocks.map(({ encode }) => encode)).toEqual(Array(7).fill("ordinal"));
    const orders = made.decisions.filter(({ topic }) => topic === "order").map(({ choice }) => choice);
    expect(orders).toContain("risk: low < medium < high");
    expect((await lab.checkSplit(made)).train.rows).toBeGreaterThan(200);
  });

  it("are ranges of numbers, too, in the order of the numbers", async () => {
    const columns = {
      age: ["26-64", "<18", "65+", "18-25"],
      income: ["$50,000 - $99,999", "less than $50,000", "$100,000 or more"],
      bin: ["(10.0, 20.0]", "(0.0, 10.0]", "(20.0, 120.5]"],
      staff: ["10 to 49", "1 to 9", "50 to 249"],
    };
    const made = await lab.init({ dir: "p", table: await lab.table(format, texts(columns)), target: "y", key: ["id"] });
    const blocks = lab.configsOf(made).feature.value.categorical;
    expect(Object.assign({}, ...blocks.map(({ order }) => order))).toEqual({
      age: ["<18", "18-25", "26-64", "65+"],
      income: ["less than $50,000", "$50,000 - $99,999", "$100,000 or more"],
      bin: ["(0.0, 10.0]", "(10.0, 20.0]", "(20.0, 120.5]"],
      staff: ["1 to 9", "10 to 49", "50 to 249"],
    });
  });

  it("are imputed where a value is missing", async () => {
    const table = await lab.table(format, texts({ risk: ["medium", null, "high", "low"] }));
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"] });
    expect(lab.configsOf(made).feature.value.categorical).toMatchObject([
      { columns: ["risk"], encode: "ordinal", impute: "most_frequent", order: { risk: ["low", "medium", "high"] } },
    ]);
  });

  it("stay categories if a word isn't of the scale, a level is spelled twice, or there are two", async () => {
    const columns = {
      colour: ["low", "medium", "green"],
      spelled: ["low", "Low", "high", "medium"],
      two: ["low", "high"],
      letters: ["s", "m", "q"],
      overlapping: ["1-9", "5-12", "13-20"],
      months: ["2024-01", "2024-02", "2024-03"],
      mixed: ["1-9", "10-19", "unknown"],
      signs: ["<1", ">1", "<2"],
    };
    const made = await lab.init({ dir: "p", table: await lab.table(format, texts(columns)), target: "y", key: ["id"] });
    expect(lab.configsOf(made).feature.value.categorical.map(({ encode }) => encode)).toEqual(["onehot"]);
  });
});
