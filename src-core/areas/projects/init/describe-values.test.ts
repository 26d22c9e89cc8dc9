import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InitFolder, initFolder, tableFormats } from "../../../../test/support/init-folder.ts";
import type { InitResult } from "./init.ts";

let lab: InitFolder;
beforeEach(() => {
  lab = initFolder();
});
afterEach(() => lab.remove());

const named = (made: InitResult, topic: string) =>
  made.decisions.filter((it) => it.topic === topic).map(({ choice }) => choice);
const codes = (made: InitResult) => named(made, "codes for missing?");

describe.each(tableFormats)("codes for missing values in a %s table", (format) => {
  it("are named with value, share and what to do: in the target, in features, in group and time", async () => {
    const table = await lab.table(
      format,
      `SELECT i AS id, CASE WHEN i % 5 = 0 THEN -999 ELSE round(50 + 10 * sin(i), 3) END AS y, CASE WHEN i % 10 = 0 THEN -1 ELSE i % 37 END AS visits,
         CASE WHEN i % 20 = 0 THEN 9999 ELSE round(cos(i), 4) END AS level, CASE WHEN i % 8 = 0 THEN -1 ELSE i % 40 END AS shop,
         CASE WHEN i % 40 = 0 THEN DATE '9999-12-31' ELSE DATE '2024-01-01' + (i % 90)::INT END AS day FROM range(400) t(i)`,
    );
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"], group: ["shop"], time: "day" });
    expect(codes(made)).toEqual([
      "y is -999 in 80 of 400 rows (20 %)",
      "visits is -1 in 40 of 400 rows (10 %)",
      "level is 9999 in 20 of 400 rows (5.0 %)",
      "shop is -1 in 50 of 400 rows (13 %)",
      "day is 9999-12-31 in 10 of 400 rows (2.5 %)",
    ]);
    const reasons = made.decisions.filter((it) => it.topic === "codes for missing?").map(({ reason }) => reason);
    expect(reasons[0]).toMatch(/is learned and scored like any other.*configs\/data_contracts\/v1\.yaml/);
    expect(reasons[1]).toMatch(/to have it imputed/);
    expect(reasons[4]).toMatch(/decides the side of the split/);
    // Nothing is removed silently.
    expect(lab.configsOf(made).dataContract.value.exclude).toEqual([]);
  });

  it("are excluded by the rule that init wrote, once it is no comment any more", async () => {
    const values = "CASE WHEN i % 5 = 0 THEN -999 WHEN i % 7 = 0 THEN NULL ELSE round(50 + 10 * sin(i * i), 3) END";
    const table = await lab.table(format, `SELECT i AS id, sin(i) AS x, ${values} AS y FROM range(400) t(i)`);
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"] });
    const before = await lab.checkSplit(made);
    const file = path.join(made.dir, "configs/data_contracts/v1.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^# ( *- \{ name: unknown_1)/m, "$1"));
    const after = await lab.checkSplit(made);
    expect(before.train.rows + before.reference.rows - after.train.rows - after.reference.rows).toBe(80);
  });

  it("are excluded by those rules in every type of column, beside texts that mean no value", async () => {
    const na = (value: string) =>
      format === "csv" ? `CASE WHEN i % 9 = 1 THEN 'NA' ELSE (${value})::VARCHAR END` : value;
    const table = await lab.table(
      format,
      `SELECT i AS id, ${na("CASE WHEN i % 4 = 0 THEN -99 ELSE i % 7 END")} AS count, ${na("CASE WHEN i % 10 = 0 THEN 9999.0 ELSE i / 401 END")} AS level,
         ${na("CASE WHEN i % 40 = 0 THEN DATE '9999-12-31' ELSE DATE '2024-01-01' + (i % 90)::INT END")} AS day, sin(i * i) AS y FROM range(400) t(i)`,
    );
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"] });
    expect(codes(made)).toHaveLength(3);
    const file = path.join(made.dir, "configs/data_contracts/v1.yaml");
    const text = readFileSync(file, "utf8");
    for (const [rule, rows] of [
      [1, 100],
      [2, 40],
      [3, 10],
    ] as const) {
      writeFileSync(
        file,
        text.replace("# exclude:", "exclude:").replace(new RegExp(`^# ( *- \\{ name: unknown_${rule},)`, "m"), "$1"),
      );
      const { train, reference } = await lab.checkSplit(made);
      const missing =
        format === "csv"
          ? Array.from({ length: 400 }, (_, i) => i).filter((i) => i % 9 === 1 && i % (400 / rows) === 0).length
          : 0;
      expect(400 - train.rows - reference.rows, `rule ${rule}`).toBe(rows - missing);
    }
  });

  it("aren't seen in values that belong to the others: balances, directions, prices, classes", async () => {
    const table = await lab.table(
      format,
      `SELECT i AS id, sin(i * i) AS x, (i % 3) - 1 AS direction, 200 - i AS balance, 9000 + (i % 1000) * 5 AS price, i % 100 AS share,
         CASE WHEN i % 2 = 0 THEN -1 ELSE 1 END AS y, DATE '1970-01-01' + i::INT AS day FROM range(1200) t(i)`,
    );
    expect(codes(await lab.init({ dir: "p", table, target: "y", key: ["id"] }))).toEqual([]);
  });
});

describe.each(tableFormats)("numbers as text in a %s table", (format) => {
  it("are named whatever the column is called and used for, with their number", async () => {
    const comma = (of: string) => `replace(${of}, '.', ',')`;
    const table = await lab.table(
      format,
      `SELECT 'k' || i AS id, ${comma("(1.5 + i % 4)::VARCHAR")} AS kind_id, ${comma("printf('%.2f', i / 7)")} AS "Größe",
         CASE WHEN i % 50 = 0 THEN 'unknown' ELSE ${comma("printf('%.1f', i * 1.5)")} END AS x, printf('%d.%03d,50', i + 1, i % 1000) AS total,
         printf('%d,%03d.5', i + 1, i % 1000) AS english, (i % 9) || ' %' AS rate, 'a, ' || (i % 5) AS words, i % 2 AS y FROM range(300) t(i)`,
    );
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"] });
    expect(named(made, "numbers as text")).toEqual([
      "kind_id looks like numbers with a decimal comma (1,5): 300 values",
      "Größe looks like numbers with a decimal comma (0,00): 300 values",
      "x looks like numbers with a decimal comma (1,5): 294 values, 6 values that aren't",
      "total looks like numbers with a decimal comma (1.000,50): 300 values",
      "english looks like numbers with separated thousands (1,000.5): 300 values",
      "rate looks like numbers with a currency or percent sign (0 %): 300 values",
    ]);
  });

  it("are named in a target that is taken as classes, and in a key", async () => {
    const table = await lab.table(
      format,
      `SELECT replace((i + 0.5)::VARCHAR, '.', ',') AS id, sin(i) AS x, replace((1.5 + i % 3)::VARCHAR, '.', ',') AS y FROM range(300) t(i)`,
    );
    const made = await lab.init({ dir: "p", table, target: "y", task: "multiclass", key: ["id"] });
    expect(named(made, "numbers as text")).toEqual([
      "id looks like numbers with a decimal comma (0,5): 300 values",
      "y looks like numbers with a decimal comma (1,5): 300 values",
    ]);
    const refused = await lab.failure({ dir: "q", table, target: "y", key: ["id"] });
    expect(refused.message).toMatch(/decimal comma/);
  });

  it("that may be read in two ways are named so", async () => {
    const table = await lab.table(
      format,
      `SELECT i AS id, sin(i) AS x, printf('%d,%03d', 1 + i % 9, i) AS either, i % 2 AS y FROM range(300) t(i)`,
    );
    const made = await lab.init({ dir: "p", table, target: "y", key: ["id"] });
    expect(named(made, "numbers as text")).toEqual([
      "either looks like numbers with a comma (1,000) that may be a decimal comma or separate thousands: 300 values",
    ]);
  });
});
