import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  writeMaster,
} from "../../../../test/support/split-project.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Violation } from "./violation.ts";

const required = { non_nullable: true } as const;
const split: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "stratified_hash",
  salt: "s",
  test_basis_points: 3_000,
  max_duplicate_basis_points: 10_000,
};
const plain: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "y",
  columns: { id: { type: "int", ...required }, name: { type: "string" }, y: { type: "float", ...required } },
};
const table = (n = 200) => `SELECT i AS id, 'n' || i AS name, i * 1.5::DOUBLE AS y FROM range(${n}) t(i)`;

async function violations(select: string, contract = plain): Promise<readonly Violation[]> {
  const root = newFolder();
  await writeMaster(root, select);
  try {
    await splitProject({ root, contract, split }).run();
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "splits/contract-violated") throw error;
    return error.details?.violations as Violation[]; // As violationError puts them there.
  }
}

const rulesOf = (found: readonly Violation[]) =>
  found.map(({ column, rule, count }) => `${column}: ${rule} (${count})`);

async function codeOf(
  file: string,
  content: string | Buffer,
): Promise<{ code?: string; message?: string; details?: unknown }> {
  const root = newFolder();
  mkdirSync(path.join(root, "data"));
  writeFileSync(path.join(root, file), content);
  return splitProject({ root, master: file, contract: plain, split })
    .run()
    .then(
      () => ({}),
      (error: AppError) => error,
    );
}

describe("the data contract", () => {
  it("accepts a table that meets it", async () => {
    expect(await violations(table())).toEqual([]);
  });

  it("names missing, additional and wrongly typed columns", async () => {
    expect(rulesOf(await violations("SELECT i AS id, i AS name, 'x' AS more FROM range(9) t(i)"))).toEqual([
      "name: the table holds BIGINT, the contract says string (9)",
      "y: the column is missing (9)",
      "more: the column is not in the contract (strict_columns) (9)",
    ]);
    expect(
      rulesOf(await violations("SELECT i AS id, 'a' || i AS name, i * 1.5::DOUBLE AS Y FROM range(9) t(i)")),
    ).toEqual(["y: the column is missing; the table has Y, which differs in case (9)"]);
    expect(await violations(`SELECT *, 1 AS more FROM (${table()})`, { ...plain, strict_columns: false })).toEqual([]);
  });

  it("counts null, below min, above max, badly formed and unknown values, with ten of their keys", async () => {
    const contract: SplitProjectInput["contract"] = {
      ...plain,
      columns: {
        id: { type: "int", ...required, min: 5 },
        name: {
          type: "string",
          ...required,
          format: "n[0-9]{1,2}",
          allowed_values: Array.from({ length: 199 }, (_, i) => `n${i}`),
        },
        y: { type: "float", ...required, max: 200 },
      },
    };
    const found = await violations(
      "SELECT i AS id, CASE WHEN i = 7 THEN NULL ELSE 'n' || i END AS name, CASE WHEN i = 3 THEN 'nan'::DOUBLE ELSE i * 1.5 END AS y FROM range(200) t(i)",
      contract,
    );
    expect(rulesOf(found)).toEqual([
      "id: below min 5 (5)",
      "name: non_nullable (1)",
      "name: doesn't match the format n[0-9]{1,2} (100)",
      "name: not one of allowed_values (1)",
      "y: non_nullable (1)",
      "y: above max 200 (66)",
    ]);
    expect(found[1]?.examples).toEqual([{ key: "id=7", value: null, row: 8 }]);
    expect(found[2]?.examples).toHaveLength(10);
  });

  it("counts unknown values among many columns as among few", async () => {
    const names = Array.from({ length: 260 }, (_, at) => `c${at}`);
    const columns = Object.fromEntries(names.map((name) => [name, { type: "string" as const, allowed_values: ["a"] }]));
    const values = names.map(
      (name) => `${name === "c251" ? "CASE WHEN id < 3 THEN 'b' ELSE 'a' END" : "'a'"} AS ${name}`,
    );
    const wide = `SELECT *, ${values.join(", ")} FROM (${table()})`;
    const found = await violations(wide, {
      ...plain,
      strict_columns: false,
      columns: { ...plain.columns, ...columns },
    });
    expect(rulesOf(found)).toEqual(["c251: not one of allowed_values (3)"]);
    expect(found[0]?.examples[0]).toEqual({ key: "id=0", value: "b", row: 1 });
  });

  it("refuses null and duplicate keys, a missing, null or constant target, and a target in the key", async () => {
    expect(rulesOf(await violations(`${table()} UNION ALL ${table(3)}`))).toEqual([
      "id: the primary key has duplicates (6)",
    ]);
    const byName: SplitProjectInput["contract"] = { ...plain, primary_key: ["name"] };
    expect(rulesOf(await violations(`SELECT * FROM (${table()}) UNION ALL SELECT 900, NULL, 1.0`, byName))).toEqual([
      "name: the primary key has nulls (1)",
    ]);
    expect(rulesOf(await violations("SELECT i AS id, 'a' AS name, 2.0::DOUBLE AS y FROM range(9) t(i)"))).toEqual([
      "y: the target is constant (2.0) (9)",
    ]);
    expect(rulesOf(await violations(table(), { ...plain, target: "nope" }))).toEqual([
      "nope: the target is not a column of the contract (0)",
    ]);
    expect(rulesOf(await violations(table(), { ...plain, primary_key: ["id", "y"] }))).toEqual([
      "y: the target can't be part of the primary key (0)",
    ]);
    const nullable: SplitProjectInput["contract"] = { ...plain, columns: { ...plain.columns, y: { type: "float" } } };
    expect(rulesOf(await violations(table(), nullable))).toEqual(["y: the target must be non_nullable (0)"]);
  });

  it("reaches into structs by dotted paths", async () => {
    const contract: SplitProjectInput["contract"] = {
      ...plain,
      columns: {
        id: { type: "int", ...required },
        "input.house.size": { type: "int", max: 3 },
        y: { type: "float", ...required },
      },
    };
    const nested = "SELECT i AS id, {'house': {'size': i % 5}} AS input, i * 1.0::DOUBLE AS y FROM range(10) t(i)";
    expect(rulesOf(await violations(nested, contract))).toEqual(["input.house.size: above max 3 (2)"]);
    const marked: SplitProjectInput["contract"] = {
      ...contract,
      columns: { ...contract.columns, "input.house.size": { type: "int", missing: ["NA"] } },
    };
    expect(rulesOf(await violations(nested, marked))).toEqual([
      "input.house.size: `missing` applies to a column of the table, not to a field inside a struct (10)",
    ]);
    const deeper: SplitProjectInput["contract"] = {
      ...contract,
      columns: { ...contract.columns, "input.nope": { type: "int" } },
    };
    expect(rulesOf(await violations(nested, deeper))).toEqual(["input.nope: the column is missing (10)"]);
  });

  it("keeps one of equal rows, whatever their order in the file", async () => {
    const contract: SplitProjectInput["contract"] = {
      ...plain,
      deduplication: { subset: ["id"], keep: "last", order_by: ["y"] },
    };
    const doubled = `SELECT * FROM (${table()}) UNION ALL SELECT i AS id, 'again' AS name, 1000.0 + i AS y FROM range(50) t(i)`;
    const shas = new Set<string>();
    for (const order of ["id, y", "y DESC, id"]) {
      const root = newFolder();
      await writeMaster(root, `SELECT * FROM (${doubled}) ORDER BY ${order}`);
      const result = await splitProject({ root, contract, split }).run();
      expect(result.rowCounts.deduplicated).toBe(50);
      shas.add(result.train.sha256);
    }
    expect(shas.size).toBe(1);
  });

  it("keeps one of rows that are equal in every column but a row counter, and refuses two versions of a key", async () => {
    const counted = { ...plain.columns, n: { type: "int" as const, row_counter: true } };
    const contract = { ...plain, columns: counted, deduplication: "whole_rows" as const };
    const rows = `SELECT *, id AS n FROM (${table()})`;
    const again = `SELECT * REPLACE (n + 1000 AS n) FROM (${rows}) WHERE id < 50`;
    for (const name of ["data/master.parquet", "data/master.csv", "data/master.jsonl"]) {
      const root = newFolder();
      await writeMaster(root, `SELECT * FROM (${rows}) UNION ALL ${again}`, name);
      expect((await splitProject({ root, master: name, contract, split }).run()).rowCounts.deduplicated).toBe(50);
      const other = newFolder();
      const changed = `SELECT * REPLACE (y + 1 AS y) FROM (${again}) WHERE id < 3`;
      await writeMaster(other, `SELECT * FROM (${rows}) UNION ALL ${changed}`, name);
      await expect(splitProject({ root: other, master: name, contract, split }).run()).rejects.toMatchObject({
        code: "splits/contract-violated",
        message: expect.stringContaining("id: the primary key has duplicates, 6 rows – id=0: 2 rows"),
      });
    }
  });

  it("casts strings by the contract and reports which cell has no value of the type", async () => {
    const root = newFolder();
    mkdirSync(path.join(root, "data"));
    const file = path.join(root, "data/t.csv");
    const lines = Array.from(
      { length: 60 },
      (_, i) =>
        `${i},"a ""b"",\n${i}",${i === 9 ? "NA" : `${i}.0`},2013-01-${String(1 + (i % 28)).padStart(2, "0")} 01:02:03+01:00,${i % 2 ? "yes" : "No"},${i}.25`,
    );
    writeFileSync(file, `\uFEFFid,na me,n,at,flag,y\n${lines.join("\n")}\n`);
    const contract: SplitProjectInput["contract"] = {
      version: 1,
      rules: 2,
      primary_key: ["id"],
      target: "y",
      columns: {
        id: { type: "int", ...required },
        "na me": { type: "string" },
        n: { type: "int", missing: ["NA"] },
        at: { type: "timestamp", min: "2013-01-01T00:02:03Z" },
        flag: { type: "bool" },
        y: { type: "float", ...required },
      },
    };
    const result = await splitProject({ root, master: "data/t.csv", contract, split }).run();
    expect(result.train.rows + result.reference.rows).toBe(60);
    writeFileSync(file, `id,na me,n,at,flag,y\n${lines.join("\n")}\n60,x,1.5,2013-02-30,perhaps,1\n`);
    const error: unknown = await splitProject({ root, master: "data/t.csv", contract, split })
      .run()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "splits/contract-violated" });
    expect((error as AppError).details?.violations).toEqual([
      { column: "n", rule: "not a value of type int", count: 1, examples: [{ key: "id=60", value: "1.5", row: 61 }] },
      {
        column: "at",
        rule: "not a value of type timestamp",
        count: 1,
        examples: [{ key: "id=60", value: "2013-02-30", row: 61 }],
      },
      {
        column: "flag",
        rule: "not a value of type bool",
        count: 1,
        examples: [{ key: "id=60", value: "perhaps", row: 61 }],
      },
    ]);
  });

  it("refuses floats, nulls and U+001F in what decides the side", async () => {
    const grouped = (group: string[], select: string) => async () => {
      const root = newFolder();
      await writeMaster(root, select);
      return splitProject({
        root,
        contract: plain,
        split: { version: 1, rules: 2, strategy: "group_hash", salt: "s", group, test_basis_points: 5_000 },
      }).run();
    };
    const invalid = { code: "splits/invalid-key" };
    await expect(grouped(["y"], table())()).rejects.toMatchObject(invalid);
    await expect(grouped(["name"], `${table()} UNION ALL SELECT 900, NULL, 1.0`)()).rejects.toMatchObject(invalid);
    await expect(grouped(["name"], `${table()} UNION ALL SELECT 900, 'a' || chr(31), 1.0`)()).rejects.toMatchObject(
      invalid,
    );
  });
});

describe("an unreadable master table", () => {
  it("is named with its line", async () => {
    expect(await codeOf("data/t.csv", "id,name,y\n1,a,2\n2,b\n3,c,4\n")).toMatchObject({
      code: "splits/master-unreadable",
      details: { line: 3, file: expect.stringMatching(/t\.csv$/) },
    });
    expect(await codeOf("data/t.csv", Buffer.from("id,name,y\n1,M\xfcnchen,2\n", "latin1"))).toMatchObject({
      code: "splits/master-unreadable",
      message: expect.stringContaining("UTF-8"),
    });
    expect(await codeOf("data/t.jsonl", '{"id":1,"name":"a","y":1.5}\n{"id":\n')).toMatchObject({
      code: "splits/master-unreadable",
    });
    expect(await codeOf("data/t.csv", "")).toMatchObject({ code: "splits/master-unreadable" });
    expect(await codeOf("data/t.xlsx", "x")).toMatchObject({ code: "splits/master-unreadable" });
    expect(await codeOf("data/t.parquet", "")).toMatchObject({ code: "splits/master-unreadable" });
  });

  it("is named if it is truncated", async () => {
    const root = newFolder();
    await writeMaster(root, table(20_000));
    truncateSync(path.join(root, "data/master.parquet"), 50_000);
    await expect(splitProject({ root, contract: plain, split }).run()).rejects.toMatchObject({
      code: "splits/master-unreadable",
      details: { file: path.join(root, "data/master.parquet") },
    });
  });
});

describe("SQL that a person wrote", () => {
  it.each([
    ["random() < 0.5", "isn't repeatable"],
    ["current_timestamp > '2020-01-01'", "isn't a column"],
    ["y > (SELECT avg(y) FROM 'data/master.parquet')", "a subquery"],
    ["TRUE) ; COPY (SELECT 1) TO 'x.csv' ; SELECT (1", "Only SELECT"],
    ["1=1) UNION SELECT 1 FROM t WHERE (1=1", "not one expression"],
    ["sum(y) > 1", "aggregate"],
    ["y + 1", "not true or false"],
    ["nope = 1", "isn't a column"],
    ["y >", "syntax error"],
    ["hash(id) % 2 = 0", "isn't repeatable"],
    ["getenv('HOME') = ''", "isn't repeatable"],
  ])("%s is refused", async (sql, reason) => {
    const root = newFolder();
    await writeMaster(root, table());
    const contract: SplitProjectInput["contract"] = { ...plain, exclude: [{ name: "odd", sql, reason: "r" }] };
    await expect(splitProject({ root, contract, split }).run()).rejects.toMatchObject({
      code: "splits/sql-refused",
      message: expect.stringContaining(reason),
    });
  });

  it("may be any repeatable expression, a trailing comment included", async () => {
    const root = newFolder();
    await writeMaster(root, table());
    const sql = "name SIMILAR TO 'n1.*' AND NOT (y BETWEEN 20 AND 30) AND list_contains([1, 2], id % 3) -- why not";
    const contract: SplitProjectInput["contract"] = { ...plain, exclude: [{ name: "odd", sql, reason: "r" }] };
    const result = await splitProject({ root, contract, split }).run();
    expect(result.rowCounts.excluded_odd).toBeGreaterThan(0);
  });
});
