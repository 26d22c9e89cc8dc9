import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../../test/support/split-project.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Violation } from "./violation.ts";

type Columns = SplitProjectInput["contract"]["columns"];
const required = { non_nullable: true } as const;

/** Makes a split of 40 plain rows and those given, and returns what breaks the contract, or the values of `x` by key. */
async function run(
  columns: Columns,
  rows: readonly string[],
  { numbers = true, ...more }: Partial<SplitProjectInput> & { readonly numbers?: boolean } = {},
): Promise<readonly unknown[]> {
  const root = newFolder();
  mkdirSync(path.join(root, "data"));
  const plain = Array.from({ length: 40 }, (_, i) => `${i + 1000},${numbers ? i + 1000 : ""},${i}.5`);
  writeFileSync(path.join(root, "data/t.csv"), `id,x,y\n${[...plain, ...rows].join("\n")}\n`);
  const project = splitProject({
    root,
    master: "data/t.csv",
    contract: {
      version: 1,
      rules: 2,
      primary_key: ["id"],
      target: "y",
      columns: { id: { type: "int", ...required }, y: { type: "float", ...required }, ...columns },
    },
    split: { version: 1, rules: 2, strategy: "stratified_hash", salt: "s", test_basis_points: 3_000 },
    ...more,
  });
  try {
    const { train, reference } = await project.run();
    const read = `read_parquet(['${path.join(root, train.path)}', '${path.join(root, reference.path)}'])`;
    return (await sql(`SELECT x FROM ${read} WHERE id < 1000 ORDER BY id`)).map(({ x }) => x);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "splits/contract-violated") throw error;
    const violations = error.details?.violations as Violation[]; // As violationError puts them there.
    return violations.map((one) => `${one.column}: ${one.rule} (${one.count}) ${one.examples[0]?.key}`);
  }
}

describe("strings under a contract of numbers", () => {
  it.each(["1_5.5", "10E1", "1E400", "Infinity", "nan", "0x1F", "007", "1e-400", "12345678901234567890", "NA"])(
    "%s breaks it, with count and key",
    async (text) => {
      expect(await run({ x: { type: "float" } }, [`1,${text},1`, `2,${text},2`])).toEqual([
        "x: not a value of type float (2) id=1",
      ]);
    },
  );

  it("are read as their plain or printed value", async () => {
    expect(
      await run({ x: { type: "float" } }, ["1,1e+05,1", "2,1.5E3,2", "3,.5,3", "4,1.50,4", "5,1.5,5", "6,,6"]),
    ).toEqual([100_000, 1_500, 0.5, 1.5, 1.5, null]);
    expect(await run({ x: { type: "int" } }, ["1,1e+05,1", "2,7.0,2", "3,7,3"])).toEqual([100_000n, 7n, 7n]);
    expect(await run({ x: { type: "int" } }, ["1,007,1", "2,1_2,2", "3,1.55E1,3"])).toEqual([
      "x: not a value of type int (3) id=1",
    ]);
  });

  it("break it where one value is written in two ways", async () => {
    expect(await run({ x: { type: "float" } }, ["1,1e+05,1", "2,100000,2"])).toEqual([
      "x: one float is written in two ways (100000, 1e+05) (2) id=2",
    ]);
    expect(await run({ x: { type: "int" } }, ["1,+5,1", "2,5,2"])).toEqual([
      "x: one int is written in two ways (+5, 5) (2) id=1",
    ]);
    const key = await run({ x: { type: "int", ...required } }, ["1,7,1", "2,7.0,2"], {
      split: { version: 1, rules: 2, strategy: "group_hash", salt: "s", group: ["x"], test_basis_points: 5_000 },
    });
    expect(key).toEqual(["x: one int is written in two ways (7, 7.0) (2) id=1"]);
    expect(await run({ x: { type: "int" } }, ["1,7,1", "1.0,8,2"])).toEqual([
      "id: one int is written in two ways (1, 1.0) (2) id=1",
    ]);
  });

  it("are missing if the contract lists them, and then alone", async () => {
    const missing = ["NA", "\\N"];
    expect(await run({ x: { type: "float", missing } }, ["1,NA,1", "2,\\N,2", "3,4,3"])).toEqual([null, null, 4]);
    expect(await run({ x: { type: "string", missing } }, ["1,NA,1", "2,na,2"])).toEqual([null, "na"]);
    expect(await run({ x: { type: "int", missing } }, ["1,NA,1", "2,-,2"])).toEqual([
      "x: not a value of type int (1) id=2",
    ]);
  });
});

it("floats under whole numbers: NaN is missing, and what a float can't hold exactly breaks the contract", async () => {
  const root = newFolder();
  await writeMaster(
    root,
    "SELECT i AS id, CASE i WHEN 3 THEN 'nan'::DOUBLE WHEN 4 THEN 9007199254740994 WHEN 5 THEN 1.5 WHEN 6 THEN 'inf'::DOUBLE ELSE i END AS x, i * 1.5::DOUBLE AS y FROM range(60) t(i)",
  );
  const project = splitProject({
    root,
    contract: {
      version: 1,
      rules: 2,
      primary_key: ["id"],
      target: "y",
      columns: { id: { type: "int", ...required }, x: { type: "int" }, y: { type: "float", ...required } },
    },
    split: { version: 1, rules: 2, strategy: "stratified_hash", salt: "s", test_basis_points: 3_000 },
  });
  await expect(project.run()).rejects.toMatchObject({
    details: { violations: [{ column: "x", rule: "not a value of type int", count: 3 }] },
  });
});

it.each([
  ["a segment", { segments: { column: "x" } }],
  ["a class", { task: "multiclass", target: "x" }],
] as const)("two spellings are two codes in %s", async (_, config) => {
  const root = newFolder();
  await writeMaster(
    root,
    "SELECT i AS id, CASE WHEN i < 5 THEN '7.0' ELSE (i % 9)::VARCHAR END AS x, i * 1.5::DOUBLE AS y FROM range(60) t(i)",
  );
  const project = splitProject({
    root,
    contract: {
      version: 1,
      rules: 2,
      primary_key: ["id"],
      target: "y",
      columns: { id: { type: "int", ...required }, x: { type: "int", ...required }, y: { type: "float", ...required } },
    },
    split: { version: 1, rules: 2, strategy: "stratified_hash", salt: "s", test_basis_points: 3_000 },
  });
  Object.assign(project.context.project.config, config);
  await expect(project.run()).rejects.toMatchObject({
    details: { violations: [{ column: "x", rule: "one int is written in two ways (7, 7.0)", count: 11 }] },
  });
});

describe("times of strings under a contract of times", () => {
  it("break it where the hour of a zone's name isn't certain, or the order of day and month", async () => {
    const rows = ["1,2024-03-31 02:30 Europe/Berlin,1", "2,31.01.2024,2", "3,2024-01-31 07:00:00 EST,3", "4,now,4"];
    expect(await run({ x: { type: "timestamp" } }, rows, { numbers: false })).toEqual([
      "x: not a value of type timestamp (4) id=1",
    ]);
  });

  it("break it where only some have an offset, with the count and the key of the rarer", async () => {
    const rows = ["1,2024-01-31 07:00,1", "2,2024-01-31T07:00Z,2", "3,2024-01-31,3", "4,,4"];
    expect(await run({ x: { type: "timestamp" } }, rows, { numbers: false })).toEqual([
      "x: 1 time with an offset and 2 without one, whose zone isn't known (1) id=2",
    ]);
  });

  it("are UTC without an offset, and converted to it with one", async () => {
    const at = (rows: readonly string[]) => run({ x: { type: "timestamp" } }, rows, { numbers: false });
    const utc = (time: string) => new Date(`${time}Z`);
    expect(await at(["1,2024-01-31 7:05,1", "2,2024/01/31,2"])).toEqual([
      utc("2024-01-31T07:05:00"),
      utc("2024-01-31T00:00:00"),
    ]);
    expect(await at(["1,2024-01-31T07:00+02:00,1", '2,"2024-01-31T07:00:00,5Z",2'])).toEqual([
      utc("2024-01-31T05:00:00"),
      utc("2024-01-31T07:00:00.500"),
    ]);
  });
});
