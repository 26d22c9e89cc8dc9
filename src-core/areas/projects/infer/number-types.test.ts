import { afterAll, describe, expect, it } from "vitest";
import {
  admitted,
  contractOf,
  contractText,
  formats,
  noise,
  reasonFor,
  TriedInit,
} from "../../../../test/support/tried-init.ts";

const tried = new TriedInit();
afterAll(() => tried.remove());

const rows = 300;
const table = (columns: (i: number) => Record<string, string | number | null>) =>
  Array.from({ length: rows }, (_, i) => ({ id: `k${i}`, ...columns(i), y: noise(i).toFixed(4) }));

describe("whole numbers beyond 2^53", () => {
  it("are kept as they are and aren't features: a model can't tell them apart", async () => {
    const file = await tried.write(
      "csv",
      table((i) => ({ x: i % 2 === 0 ? "9007199254740992" : "9007199254740993", small: i % 2 })),
    );
    const result = await tried.init(file, { target: "y", key: ["id"] });
    expect(contractOf(result).columns.x?.type).toBe("int");
    expect(reasonFor(result, "x")).toMatch(/^whole numbers beyond 2\^53/);
    expect(reasonFor(result, "small")).toBeUndefined();
  });
});

describe("strings that only look like numbers", () => {
  it.each(formats)("stay strings in %s, with the reason", async (format) => {
    const file = await tried.write(
      format,
      table((i) => ({
        plain: i % 70,
        under: `${i}_1`,
        power: `${i + 10}E1`,
        huge: i === 5 ? "1E400" : `${i}.5`,
        infinite: i === 5 ? "Infinity" : `${i}.25`,
        hex: `0x${i + 16}`,
        twice: i === 5 ? "1E1" : i === 6 ? "10" : `${i + 20}`,
        plus: i === 5 ? "+10" : i === 6 ? "10" : `${i + 20}.5`,
        tail: i === 5 ? "1_5.5" : `${i}.5`,
      })),
    );
    const result = await tried.init(file, { target: "y" });
    const { columns } = contractOf(result);
    for (const name of ["under", "power", "huge", "infinite", "hex", "twice", "plus", "tail"])
      expect([name, columns[name]?.type]).toEqual([name, "string"]);
    expect(reasonFor(result, "infinite")).toMatch(/^text: numbers but for 1 value .*`Infinity`/);
    expect(reasonFor(result, "tail")).toMatch(/`1_5.5`/);
    expect(reasonFor(result, "twice")).toMatch(/one value is written in two ways \(`10`, `1E1`\)/);
    expect(await admitted(result)).toBe(rows);
  });

  it.each(formats)("are numbers in %s as programs print them", async (format) => {
    const file = await tried.write(
      format,
      table((i) => ({
        r: i === 5 ? "1e+05" : `${i}`,
        small: i % 2 === 0 ? `${i}.5E-3`.replace(/^\d+/, (n) => n.slice(0, 1)) : `${i}.125`,
        points: i === 5 ? ".5" : i === 6 ? "5." : `-${i}.75`,
        plus: `+${i}.5`,
        amount: ["1.5", "1.50", "2.25"][i % 3] ?? "",
      })),
    );
    const result = await tried.init(file, { target: "y" });
    expect(contractOf(result).columns).toMatchObject({
      r: { type: "int" },
      small: { type: "float" },
      points: { type: "float" },
      plus: { type: "float" },
      amount: { type: "float" },
    });
    expect(await admitted(result)).toBe(rows);
  });

  it.each(formats)(
    "are codes in a key, a group and classes of %s where one value has two spellings",
    async (format) => {
      const file = await tried.write(
        format,
        table((i) => ({
          code: `${Math.floor(i / 2)}.${i % 2 === 0 ? "5" : "50"}`,
          shop: i % 2 === 0 ? `${i % 15}` : `${i % 15}.0`,
          kind: ["1", "1.0", "2"][i % 3] ?? "",
          open: ["Y", "yes", "no", "N", "y", "Yes", "n", "No"][i % 8] ?? "",
        })),
      );
      const byCode = await tried.init(file, { target: "y", key: ["code"], group: ["shop"] });
      expect(contractOf(byCode).columns).toMatchObject({
        code: { type: "string" },
        shop: { type: "string" },
        kind: { type: "int" },
      });
      expect(await admitted(byCode)).toBe(rows);
      const classes = await tried.init(file, { target: "kind", task: "multiclass", key: ["id"], group: ["open"] });
      expect(contractOf(classes).columns).toMatchObject({
        kind: { type: "string", allowed_values: ["1", "1.0", "2"] },
        open: { type: "string" },
      });
    },
  );

  it("are in no key that is found if one value may have two spellings", async () => {
    const file = await tried.write(
      "csv",
      Array.from({ length: rows }, (_, i) => ({
        shop: i % 2 === 0 ? `${i % 15}` : `${i % 15}.0`,
        slot: Math.floor(i / 15),
        a: noise(i + 7).toFixed(1),
        y: noise(i).toFixed(1),
      })),
    );
    expect(contractOf(await tried.init(file, { target: "y" })).primary_key).toHaveProperty("digest_of");
    const named = await tried.init(file, { target: "y", key: ["shop,slot"] });
    expect(contractOf(named).columns.shop?.type).toBe("string");
    expect(await admitted(named)).toBe(rows);
  });

  it("aren't a target of amounts without a question", async () => {
    const file = await tried.write(
      "csv",
      table((i) => ({ amount: i === 5 ? "unknown" : `${i}.5` })),
    );
    const error = await tried.failure(file, { target: "amount" });
    expect(error).toMatchObject({ code: "projects/undecided", message: expect.stringContaining("`unknown`") });
  });
});

describe("whole numbers that are stored as decimals or floats", () => {
  const select = (columns: string) => tried.parquet(`SELECT i AS id, ${columns}, sin(i * i) AS y FROM range(300) t(i)`);

  it("are whole numbers as key, group, feature and target", async () => {
    const file = await select(
      `(i * 7)::DECIMAL(18, 0) AS code, (i % 30)::DOUBLE AS shop, (i % 4)::DECIMAL(38, 10) AS kind, (i % 4)::FLOAT AS grade,
       CASE WHEN i % 9 = 0 THEN 'nan'::DOUBLE ELSE i % 50 END AS gaps, (i % 50) / 2.0 AS halves, 1e300 * i AS vast,
       CASE WHEN i = 3 THEN 'inf'::DOUBLE ELSE i END AS infinite, (9007199254740992 + i)::DECIMAL(18, 0) AS long,
       (i * 1e9)::FLOAT AS coarse`,
    );
    const result = await tried.init(file, { target: "y", key: ["code"], group: ["shop"] });
    expect(contractOf(result)).toMatchObject({
      primary_key: ["code"],
      columns: {
        code: { type: "int" },
        shop: { type: "int" },
        kind: { type: "int" },
        grade: { type: "int" },
        gaps: { type: "int", non_nullable: false },
        halves: { type: "float" },
        vast: { type: "float" },
        infinite: { type: "float" },
        long: { type: "int" },
        coarse: { type: "float" },
      },
    });
    expect(await admitted(result)).toBe(rows);
    for (const target of ["kind", "grade"]) {
      const error = await tried.failure(file, { target });
      expect(error).toMatchObject({
        code: "projects/undecided",
        message: expect.stringContaining("4 different whole numbers"),
      });
    }
    const classes = await tried.init(file, { target: "kind", task: "multiclass" });
    expect(contractOf(classes).columns.kind?.allowed_values).toEqual([0, 1, 2, 3]);
    expect(await admitted(classes)).toBe(rows);
  });

  it("are whole numbers in JSONL too", async () => {
    const lines = table((i) => ({ code: i, kind: i % 4 })).map((row) =>
      JSON.stringify(row).replace(/"(code|kind)":(\d+)/g, '"$1":$2.0'),
    );
    const file = await tried.parquet("SELECT 1 AS x");
    const json = file.replace(".parquet", ".jsonl");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${tried.folder}/${json}`, `${lines.join("\n")}\n`);
    const result = await tried.init(json, { target: "kind", task: "multiclass", key: ["code"] });
    expect(contractOf(result).columns).toMatchObject({
      code: { type: "int" },
      kind: { type: "int", allowed_values: [0, 1, 2, 3] },
    });
    expect(await admitted(result)).toBe(rows);
  });

  it("are excluded with the next step where they exceed 64 bits", async () => {
    const file = await select("(i + 18446744073709551615::DECIMAL(38, 0)) AS code, i % 7 AS x");
    expect(reasonFor(await tried.init(file, { target: "y" }), "code")).toMatch(
      /^300 values beyond 64 bits \(DECIMAL\(38,0\)\)/,
    );
  });

  it("are no feature beyond 2^53 where they are named like an identifier", async () => {
    const file = await select(
      "(10000000000000000 + i * 16)::DOUBLE AS user_id, (10000000000000000 + i * 16)::DOUBLE AS mass, i % 7 AS x",
    );
    const result = await tried.init(file, { target: "y", key: ["id"] });
    expect(reasonFor(result, "user_id")).toMatch(/^an identifier/);
    expect(reasonFor(result, "mass")).toBeUndefined();
    expect((await tried.failure(file, { target: "y", key: ["user_id"] })).message).toMatch(/it is a float/);
  });

  it("have no rounded bound in the contract", async () => {
    const file = await select("9007199254740993 + 2 * (i % 7) AS long, i % 7 AS x");
    const result = await tried.init(file, { target: "y" });
    expect(contractText(result)).toContain("seen 9007199254740993 to 9007199254741005");
    expect(contractOf(result).columns.long).not.toHaveProperty("min");
    expect(await admitted(result)).toBe(rows);
  });
});
