import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../../test/support/split-project.ts";
import { AppError } from "../../../contract/errors.ts";
import type { SplitResult } from "../../../contract/runs/stage-results.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import type { Violation } from "../contract/violation.ts";
import { trySplit } from "../try-split.ts";

type Columns = SplitProjectInput["contract"]["columns"];

const contractOf = (
  columns: Columns,
  more: Partial<SplitProjectInput["contract"]> = {},
): SplitProjectInput["contract"] => ({
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "y",
  columns: { id: { type: "int", non_nullable: true }, y: { type: "float", non_nullable: true }, ...columns },
  ...more,
});
const split: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "stratified_hash",
  salt: "s",
  test_basis_points: 3_000,
  max_duplicate_basis_points: 10_000,
};

function textMaster(root: string, name: string, content: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), content);
}

/** All rows of both sides, in the order of the key. */
async function rowsOf(root: string, made: SplitResult, columns: string): Promise<readonly unknown[][]> {
  const files = [made.train.path, made.reference.path].map((name) => `'${path.join(root, name)}'`).join(", ");
  const rows = await sql(
    `SELECT [${columns}]::JSON::VARCHAR AS cells FROM read_parquet([${files}], hive_partitioning = false) ORDER BY id`,
  );
  return rows.map((row) => JSON.parse(String(row.cells)) as unknown[]);
}

async function failure(run: Promise<unknown>): Promise<AppError> {
  const error: unknown = await run.then(
    () => null,
    (it: unknown) => it,
  );
  if (error instanceof AppError) return error;
  throw error ?? new Error("it succeeded");
}

const violationsOf = (error: AppError) =>
  // As violationError puts them there.
  ((error.details?.violations ?? []) as readonly Violation[]).map(({ column, rule, count, examples }) => [
    column,
    rule,
    count,
    examples[0],
  ]);

const temporary = process.env.TMPDIR;
afterEach(() => {
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
});

describe("a folder named key=value above a table", () => {
  it.each(["data/master.parquet", "data/master.csv", "data/master.jsonl", "data/shop=s1/master.parquet", "y=3/m.csv"])(
    "changes no value of %s, in the table, the sides and the temporary files",
    async (master) => {
      const root = path.join(newFolder(), "shop=s1/id=7/p");
      process.env.TMPDIR = path.join(root, "tmp");
      mkdirSync(process.env.TMPDIR, { recursive: true });
      const select = "SELECT i AS id, 's' || (i % 12) AS shop, (i * 7 % 31)::DOUBLE AS y FROM range(120) t(i)";
      await writeMaster(root, `${select} UNION ALL ${select}`, master);
      const contract = contractOf({ shop: { type: "string" } }, { deduplication: { subset: ["id"], keep: "first" } });
      const optional_tests = [
        { name: "by_shop", slice: { column: "shop" } },
        { name: "low", filter: { sql: "y < 9" } },
      ];
      const project = splitProject({
        root,
        master,
        contract,
        split: { ...split, strategy: "group_hash", group: ["shop"], optional_tests } as SplitProjectInput["split"],
      });
      const made = await project.run();
      expect(await rowsOf(root, made, "id::VARCHAR, shop")).toEqual(
        Array.from({ length: 120 }, (_, i) => [String(i), `s${i % 12}`]),
      );
      expect(made.optional.length).toBeGreaterThan(1);
      expect((await trySplit(project.context.core, project.context)).reference.sha256).toBe(made.reference.sha256);
    },
  );
});

describe("files of a glob", () => {
  const rows = (from: number, more: string) =>
    `SELECT i AS id, (i * 7 % 31)::DOUBLE AS y, ${more} FROM range(${from}, ${from + 100}) t(i)`;

  it("in folders whose names are values of the rows are refused, with the column that would be missing", async () => {
    const root = newFolder();
    for (const month of [1, 2]) await writeMaster(root, rows(month * 100, "1 AS a"), `data/m/month=${month}/a.parquet`);
    const contract = contractOf({ a: { type: "int" } });
    for (const master of ["data/m/*/*.parquet", "data/m/month=*/a.parquet", "data/**/*.parquet"]) {
      const error = await failure(splitProject({ root, master, contract, split }).run());
      expect(error).toMatchObject({ code: "splits/master-unreadable", details: { columns: ["month"] } });
      expect(error.message).toContain("month");
    }
    // A folder that the glob names is a place like any other.
    expect(
      (await splitProject({ root, master: "data/m/month=1/*.parquet", contract, split }).run()).rowCounts,
    ).toMatchObject({});
  });

  it("in such folders are read if they have the column themselves", async () => {
    const root = newFolder();
    for (const month of [1, 2])
      await writeMaster(root, rows(month * 100, `${month + 5} AS month`), `data/m/month=${month}/a.parquet`);
    const contract = contractOf({ month: { type: "int" } });
    const made = await splitProject({ root, master: "data/m/*/*.parquet", contract, split }).run();
    expect(new Set((await rowsOf(root, made, "month")).flat())).toEqual(new Set([6, 7]));
  });

  it("keep their values where a later file has a wider type, a new column or a missing one", async () => {
    const contract = contractOf({
      v: { type: "float" },
      at: { type: "timestamp" },
      n: { type: "float" },
      o: { type: "string" },
    });
    const one = rows(100, "1::BIGINT AS v, DATE '2024-01-01' AS at, 'x' AS o");
    const other = rows(200, "0.5::DOUBLE AS v, TIMESTAMP '2024-01-01 10:30:00' AS at, 2.5::DOUBLE AS n");
    const results: (readonly unknown[][])[] = [];
    for (const [a, b] of [
      [one, other],
      [other, one],
    ] as const) {
      const root = newFolder();
      await writeMaster(root, a, "data/m/a.parquet");
      await writeMaster(root, b, "data/m/b.parquet");
      const made = await splitProject({ root, master: "data/m/*.parquet", contract, split }).run();
      results.push(await rowsOf(root, made, 'id::VARCHAR, v::VARCHAR, "at"::VARCHAR, n::VARCHAR, o'));
      expect(made.warnings).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^n has no value in the rows of [ab]\.parquet: the column is missing there$/),
        ]),
      );
    }
    expect(results[0]?.[0]).toEqual(["100", "1.0", "2024-01-01 00:00:00", null, "x"]);
    expect(results[0]?.[199]).toEqual(["299", "0.5", "2024-01-01 10:30:00", "2.5", null]);
    expect(results[0]).toEqual(results[1]);
  });

  it("stop where no type holds both, and where a required column is missing in one of them", async () => {
    const root = newFolder();
    await writeMaster(root, rows(100, "true AS v"), "data/m/a.parquet");
    await writeMaster(root, rows(200, "2::BIGINT AS v"), "data/m/b.parquet");
    const master = "data/m/*.parquet";
    const error = await failure(
      splitProject({ root, master, contract: contractOf({ v: { type: "int" } }), split }).run(),
    );
    expect(error.message).toBe(
      "The column v has types that no type holds together: BOOLEAN in a.parquet, BIGINT in b.parquet.",
    );
    await writeMaster(root, rows(200, "1 AS w"), "data/m/b.parquet");
    const contract = contractOf({ v: { type: "bool", non_nullable: true }, w: { type: "int" } });
    expect(violationsOf(await failure(splitProject({ root, master, contract, split }).run()))).toEqual([
      ["v", "non_nullable", 100, { key: "id=200", value: null, row: expect.any(Number) }],
    ]);
  });
});

describe("a value that can't be kept exactly", () => {
  const lines = (value: (i: number) => string) =>
    Array.from({ length: 100 }, (_, i) => `{"id":${i},"y":${(i * 7) % 31}.5,"v":${value(i)}}\n`).join("");

  it("stops the split of a JSONL table, with its count and its place", async () => {
    const root = newFolder();
    textMaster(
      root,
      "data/t.jsonl",
      lines((i) => (i === 7 ? "1003.0" : `92345678901234${10 + (i % 80)}`)),
    );
    const run = (columns: Columns, more: Partial<SplitProjectInput["contract"]> = {}) =>
      splitProject({ root, master: "data/t.jsonl", contract: contractOf(columns, more), split }).run();
    expect(violationsOf(await failure(run({ v: { type: "float" } })))).toEqual([
      [
        "v",
        expect.stringMatching(/^99 values beyond 2\^53, beside/),
        99,
        { key: "v", value: "9234567890123410", row: 1 },
      ],
    ]);
    const made = await run({}, { strict_columns: false });
    expect(made.warnings).toEqual([expect.stringMatching(/^v isn't read: 99 values beyond 2\^53, beside/)]);
    expect(
      Object.keys((await sql(`SELECT * FROM read_parquet('${path.join(root, made.train.path)}') LIMIT 1`))[0] ?? {}),
    ).toEqual(["id", "y"]);
  });

  it("is kept as a string where a JSONL table has whole numbers beyond 64 bits", async () => {
    const root = newFolder();
    const mandate = (i: number) => `123456789012345678${90_000 + i}`;
    textMaster(root, "data/t.jsonl", lines(mandate));
    const contract = contractOf({ v: { type: "string" } }, { primary_key: ["v"] });
    const made = await splitProject({ root, master: "data/t.jsonl", contract, split }).run();
    expect((await rowsOf(root, made, "v")).flat()).toEqual(Array.from({ length: 100 }, (_, i) => mandate(i)));
  });

  it.each([
    ["9007199254740993::BIGINT", 1],
    ["-9007199254740993::BIGINT", 1],
    ["18446744073709551615::UBIGINT", 1],
    ["123456789012345678.25::DECIMAL(20,2)", 1],
    ["9007199254740992::BIGINT", 0],
  ])("is counted under the contract type float: %s", async (value, rows) => {
    const root = newFolder();
    const type = value.slice(value.indexOf("::") + 2);
    await writeMaster(
      root,
      `SELECT i AS id, (i * 7 % 31)::DOUBLE AS y, CASE WHEN i = 5 THEN ${value} ELSE i::${type} END AS v, {'w': v} AS s FROM range(100) t(i)`,
    );
    const run = splitProject({
      root,
      contract: contractOf({ v: { type: "float" }, "s.w": { type: "float" } }),
      split,
    }).run();
    if (rows === 0) await run;
    else
      expect(violationsOf(await failure(run))).toEqual(
        ["v", "s.w"].map((name) => [
          name,
          "not a value of type float",
          rows,
          { key: "id=5", value: value.slice(0, value.indexOf("::")), row: 6 },
        ]),
      );
  });

  it("is counted where a time is finer than a microsecond, in any format", async () => {
    const fine = (i: number) => `2024-01-01 00:00:00.${String(123_456_000 + i).padStart(9, "0")}`;
    const expected = [
      ["at", "finer than a microsecond, which a time keeps", 99, { key: "id=1", value: fine(1), row: 2 }],
    ];
    const contract = contractOf({ at: { type: "timestamp" } });
    const all = Array.from({ length: 100 }, (_, i) => i);
    for (const [master, content] of [
      ["data/t.csv", `id,y,at\n${all.map((i) => `${i},${i % 7},${fine(i)}\n`).join("")}`],
      ["data/t.jsonl", all.map((i) => `{"id":${i},"y":${i % 7},"at":"${fine(i)}"}\n`).join("")],
    ] as const) {
      const root = newFolder();
      textMaster(root, master, content);
      expect(violationsOf(await failure(splitProject({ root, master, contract, split }).run()))).toEqual(expected);
    }
    for (const cast of ["VARCHAR", "TIMESTAMP_NS"]) {
      const root = newFolder();
      const at = `('2024-01-01 00:00:00.' || (123456000 + i))::${cast}`;
      await writeMaster(root, `SELECT i AS id, (i % 7)::DOUBLE AS y, ${at} AS at FROM range(100) t(i)`);
      expect(violationsOf(await failure(splitProject({ root, contract, split }).run()))).toEqual(expected);
    }
  });

  it("is counted where a Parquet time has nanoseconds and a zone, and only there", async () => {
    const root = newFolder();
    mkdirSync(path.join(root, "data"));
    copyFileSync(
      path.join(appRoot, "fixtures/tables/zoned-nanoseconds.parquet"),
      path.join(root, "data/master.parquet"),
    );
    const columns: Columns = {
      id: { type: "int", non_nullable: true },
      fine: { type: "timestamp" },
      coarse: { type: "timestamp" },
    };
    const run = (more: Columns) =>
      splitProject({
        root,
        contract: { ...contractOf({}), target: "plain", columns: { ...columns, ...more }, strict_columns: false },
        split,
      }).run();
    const plain: Columns = { plain: { type: "timestamp", non_nullable: true } };
    const counted = "200 values finer than a microsecond; round the times in the table to use them";
    expect(violationsOf(await failure(run(plain)))).toEqual([["fine", counted, 200, undefined]]);
    delete columns.fine;
    expect((await run(plain)).warnings).toEqual([
      "list is read to the microsecond: its times are stored in nanoseconds, and whether any needs them can't be found out",
      `fine isn't read: ${counted}`,
      `inner isn't read: ${counted}`,
    ]);
  });

  it("is a microsecond, and zeros after it, that a time keeps; words aren't times", async () => {
    const root = newFolder();
    const times = [
      "2024-01-01 00:00:00.123456Z",
      "2024-01-01T00:00:00.123456000Z",
      "2024-01-01 00:00:00.1234560+00:00",
      "NA",
    ];
    const rows = Array.from({ length: 100 }, (_, i) => `${i},${i % 7},${times[i % 4]}\n`);
    textMaster(root, "data/t.csv", `id,y,at\n${rows.join("")}`);
    const contract = contractOf({ at: { type: "timestamp", missing: ["NA"] } });
    const made = await splitProject({ root, master: "data/t.csv", contract, split }).run();
    expect(new Set((await rowsOf(root, made, '"at"::VARCHAR')).flat())).toEqual(
      new Set(["2024-01-01 00:00:00.123456", null]),
    );
    textMaster(root, "data/t.csv", `id,y,at\n${rows.join("")}100,1,epoch\n101,2,infinity\n`);
    expect(violationsOf(await failure(splitProject({ root, master: "data/t.csv", contract, split }).run()))).toEqual([
      ["at", "not a value of type timestamp", 2, { key: "id=100", value: "epoch", row: 101 }],
    ]);
  });
});

it("what was changed or skipped in reading a CSV table is a warning of the split, and stays one", async () => {
  const root = newFolder();
  const rows = Array.from({ length: 100 }, (_, i) => `${i};${i % 7};a;b;c\n`).join("");
  textMaster(root, "data/t.csv", `# from the till\nid;y;x;X;\n${rows}`);
  const contract = contractOf({ x: { type: "string" }, X_1: { type: "string" }, column5: { type: "string" } });
  const project = splitProject({ root, master: "data/t.csv", contract, split });
  const warnings = [
    "line 1 is skipped: comments before the header",
    "column 4, X, is read as X_1: x and X differ only in case, and names of columns ignore it",
    "column 5 is read as column5: it has no name",
  ];
  expect((await trySplit(project.context.core, project.context)).warnings).toEqual(warnings);
  expect((await project.run()).warnings).toEqual(warnings);
  expect((await project.run()).warnings).toEqual(warnings);
});

it("decimal numbers with more digits than a double keeps are counted, in text and in a decimal type", async () => {
  const amount = (i: number) => `8888888888888.${i}`;
  const lost = Array.from({ length: 100 }, (_, i) => 100 + i).filter(
    (i) => i % 10 !== 0 && Number(amount(i)).toFixed(3) !== amount(i),
  );
  const root = newFolder();
  const rows = Array.from({ length: 100 }, (_, i) => `${i},${i % 7},${amount(100 + i)}\n`).join("");
  textMaster(root, "data/t.csv", `id,y,x\n${rows}`);
  await writeMaster(
    root,
    "SELECT i::INTEGER AS id, (i % 7)::INTEGER AS y, ('8888888888888.' || (100 + i))::DECIMAL(20, 3) AS x FROM range(100) t(i)",
  );
  const contract = contractOf({ x: { type: "float" } });
  for (const master of ["data/t.csv", "data/master.parquet"]) {
    const project = splitProject({ root, master, contract, split });
    const { warnings } = await trySplit(project.context.core, project.context);
    expect(warnings).toContain(
      `x is rounded: ${lost.length} values have more digits than a 64-bit float keeps (such as id=${(lost[0] ?? 0) - 100}: ${amount(lost[0] ?? 0)})`,
    );
  }
});

it("a field of an object is read by the contract as a column is", async () => {
  const root = newFolder();
  const line = (i: number, at: string) =>
    `{"id":${i},"y":${i % 7},"o":{"at":"${at}","in":{"n":"${i}.0"},"s":"2024-01-01"}}\n`;
  const rows = Array.from({ length: 99 }, (_, i) => line(i, "2024-01-01T10:30:00+02:00")).join("");
  const columns: Columns = { "o.at": { type: "timestamp" }, "o.in.n": { type: "int" }, "o.s": { type: "string" } };
  const run = () => splitProject({ root, master: "data/t.jsonl", contract: contractOf(columns), split }).run();
  textMaster(root, "data/t.jsonl", `${rows}{"id":99,"y":3}\n`);
  const found = await rowsOf(root, await run(), "o::VARCHAR, typeof(o)");
  expect(found[5]?.[0]).toBe("{'at': '2024-01-01 08:30:00', 'in': {'n': 5}, 's': 2024-01-01}");
  expect(found[99]).toEqual([null, 'STRUCT("at" TIMESTAMP, "in" STRUCT(n BIGINT), s VARCHAR)']);
  textMaster(root, "data/t.jsonl", `${rows}${line(99, "2024-01-01T10:30:00.0000001")}`);
  expect(violationsOf(await failure(run()))).toEqual([
    [
      "o.at",
      "finer than a microsecond, which a time keeps",
      1,
      { key: "id=99", value: "2024-01-01T10:30:00.0000001", row: 100 },
    ],
  ]);
});
