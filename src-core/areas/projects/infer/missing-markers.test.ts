import { afterAll, describe, expect, it } from "vitest";
import {
  admitted,
  configsOf,
  contractOf,
  contractText,
  formats,
  noise,
  TriedInit,
} from "../../../../test/support/tried-init.ts";
import { missingTexts } from "../../../foundation/duck/missing-texts.ts";

const tried = new TriedInit();
afterAll(() => tried.remove());

const rows = 400;
const table = (columns: (i: number) => Record<string, string | number | boolean | null>) =>
  Array.from({ length: rows }, (_, i) => ({ id: `k${i}`, ...columns(i) }));

describe("strings that exporters write for no value", () => {
  it.each(formats)("are missing in numbers, times and truth values of %s, counted and named", async (format) => {
    const file = await tried.write(
      format,
      table((i) => ({
        amount: i < 12 ? "\\N" : i < 15 ? "#N/A" : `${i}.5`,
        count: i < 12 ? "<NA>" : `${i % 90}`,
        day: i < 12 ? "0000-00-00" : i < 14 ? "NaT" : `2024-01-${10 + (i % 20)}`,
        flag: i < 12 ? "(null)" : i % 2 ? "true" : "false",
        y: i < 12 ? "#DIV/0!" : noise(i).toFixed(4),
      })),
    );
    const result = await tried.init(file, { target: "y", time: "day" });
    expect(contractOf(result).columns).toMatchObject({
      amount: { type: "float", missing: ["\\N", "#N/A"] },
      count: { type: "int", missing: ["<NA>"] },
      day: { type: "timestamp", missing: ["0000-00-00", "NaT"] },
      flag: { type: "bool", missing: ["(null)"] },
      y: { type: "float", missing: ["#DIV/0!"] },
    });
    expect(contractText(result)).toContain("`\\N` (12 rows), `#N/A` (3 rows) read as missing");
    const told = result.decisions.find(({ topic }) => topic === "missing values");
    expect(told?.choice).toContain("`amount` has `\\N` (12 rows), `#N/A` (3 rows)");
    expect(result.decisions).toContainEqual(
      expect.objectContaining({
        topic: "excluded rows",
        reason: expect.stringMatching(/^12 rows have no finite value/),
      }),
    );
    expect(configsOf(result).feature.value.numeric[0]?.columns).toEqual(expect.arrayContaining(["amount", "count"]));
    expect(await admitted(result)).toBe(rows - 14);
  });

  it("are missing beside JSON's numbers and truth values", async () => {
    const file = await tried.write(
      "jsonl",
      table((i) => ({
        amount: i < 12 ? "NA" : i + 0.5,
        flag: i < 12 ? "-" : i % 2 === 0,
        shop: i % 2 === 0 ? `s${i % 9}` : i % 9,
        y: i < 12 ? "\\N" : noise(i),
      })),
    );
    const result = await tried.init(file, { target: "y", group: ["shop"] });
    expect(contractOf(result).columns).toMatchObject({
      amount: { type: "float", missing: ["NA"] },
      flag: { type: "bool", missing: ["-"] },
      shop: { type: "string" },
      y: { type: "float", missing: ["\\N"] },
    });
    expect(await admitted(result)).toBe(rows - 12);
  });

  it("are all known in any case, and a string column keeps them", async () => {
    const file = await tried.write(
      "csv",
      table((i) => ({
        x: missingTexts[i]?.toUpperCase() ?? `${i}.5`,
        land: ["NA", "DE", "FR"][i % 3] ?? "",
        y: noise(i).toFixed(4),
      })),
    );
    const { columns } = contractOf(await tried.init(file, { target: "y" }));
    expect(columns.x).toMatchObject({ type: "float", missing: expect.arrayContaining(["NULL", "?"]) });
    expect(columns.land).toMatchObject({ type: "string", allowed_values: ["DE", "FR", "NA"] });
    expect(columns.land).not.toHaveProperty("missing");
  });
});

describe("classes with such a name", () => {
  const classes = (names: readonly string[]) =>
    table((i) => ({ a: noise(i).toFixed(4), y: names[i % names.length] ?? "" }));
  const values = (file: string, more: object = {}) => tried.init(file, { target: "y", ...more });

  it.each(["jsonl", "parquet"] as const)("are classes in %s, where null is missing", async (format) => {
    const rare = table((i) => ({ a: noise(i), y: i < 3 ? null : i < 8 ? "none" : (["yes", "no"][i % 2] ?? "") }));
    const result = await values(await tried.write(format, rare));
    expect(contractOf(result).columns.y).toMatchObject({ type: "string", allowed_values: ["no", "none", "yes"] });
    expect(result.decisions).toContainEqual(
      expect.objectContaining({ topic: "classes", choice: "`none` (5 rows) of `y`" }),
    );
    expect(await admitted(result)).toBe(rows - 3);
    const missing = await values(await tried.write(format, rare), { targetMarkers: "missing" });
    expect(contractOf(missing).columns.y).toMatchObject({ type: "bool", missing: ["none"] });
    expect(await admitted(missing)).toBe(rows - 8);
  });

  it("are classes in CSV if they are as frequent as one, or if the file has empty fields", async () => {
    const frequent = await values(await tried.write("csv", classes(["low", "none", "high"])));
    expect(contractOf(frequent).columns.y?.allowed_values).toEqual(["high", "low", "none"]);
    expect(await admitted(frequent)).toBe(rows);
    const two = await values(await tried.write("csv", classes(["none", "some"])));
    expect(two.decisions).toContainEqual(expect.objectContaining({ topic: "task", choice: "binary" }));
    const marks = await values(await tried.write("csv", classes(["-", "?"])));
    expect(contractOf(marks).columns.y?.allowed_values).toEqual(["-", "?"]);
    const empty = table((i) => ({
      a: i === 5 ? "" : noise(i).toFixed(4),
      y: i < 4 ? "NA" : (["low", "high"][i % 2] ?? ""),
    }));
    expect(contractOf(await values(await tried.write("csv", empty))).columns.y?.allowed_values).toEqual([
      "NA",
      "high",
      "low",
    ]);
  });

  it("are a question in CSV otherwise, and the run reads the target as it was answered", async () => {
    const file = await tried.write(
      "csv",
      table((i) => ({ a: noise(i).toFixed(4), y: i < 12 ? "NA" : (["low", "high"][i % 2] ?? "") })),
    );
    const error = await tried.failure(file, { target: "y" });
    expect(error).toMatchObject({ code: "projects/undecided", message: expect.stringContaining("`NA` (12 rows)") });
    expect(error.hint).toContain("--target-markers missing or --target-markers class");
    const missing = await values(file, { targetMarkers: "missing" });
    expect(contractOf(missing).columns.y).toMatchObject({ missing: ["NA"], allowed_values: ["high", "low"] });
    expect(missing.decisions).toContainEqual(
      expect.objectContaining({
        topic: "excluded rows",
        reason: expect.stringMatching(/^12 rows have no value of the target y/),
      }),
    );
    expect(await admitted(missing)).toBe(rows - 12);
    const kept = await values(file, { targetMarkers: "class" });
    expect(contractOf(kept).columns.y?.allowed_values).toEqual(["NA", "high", "low"]);
    expect(await admitted(kept)).toBe(rows);
  });

  it("are classes beside numbers, and a third value of a binary target, as it was answered", async () => {
    const numbers = await tried.write("csv", classes(["1", "2", "none"]));
    expect(contractOf(await values(numbers)).columns.y).toMatchObject({ type: "int", missing: ["none"] });
    const kept = await values(numbers, { targetMarkers: "class" });
    expect(contractOf(kept).columns.y?.allowed_values).toEqual(["1", "2", "none"]);
    const answers = await tried.write("csv", classes(["yes", "no", "NA"]));
    const error = await tried.failure(answers, { target: "y", task: "binary" });
    expect(error.hint).toMatch(/^If `NA` \(133 rows\) means that the value is missing, use --target-markers missing\./);
    const binary = await values(answers, { task: "binary", targetMarkers: "missing" });
    expect(contractOf(binary).columns.y).toMatchObject({ type: "bool", missing: ["NA"] });
  });

  it("are missing beside true and false", async () => {
    const file = await tried.write("csv", classes(["TRUE", "FALSE", "NA"]));
    expect(contractOf(await values(file)).columns.y).toMatchObject({ type: "bool", missing: ["NA"] });
  });
});
