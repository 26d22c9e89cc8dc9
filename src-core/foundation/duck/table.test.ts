import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { appRoot } from "../files/entry-points.ts";
import { type Duck, openDuck } from "./open.ts";
import { identifier } from "./quote.ts";
import { describeTable, readTableSql } from "./table.ts";
import { unfitReason } from "./table-columns.ts";

const base = mkdtempSync(path.join(os.tmpdir(), "signalbox-table-"));
let folder: string;
let duck: Duck;

beforeEach(async () => {
  folder = mkdtempSync(path.join(base, "t-"));
  duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
});
afterEach(() => duck.close());
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function parquet(name: string, select: string): Promise<string> {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  await duck.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  return file;
}

function text(name: string, content: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

interface Read {
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly (string | null)[])[];
  readonly remarks: readonly string[];
  readonly unfit: Readonly<Record<string, string>>;
}

/** Every value as a string, rows in the order of these. */
async function read(...files: readonly string[]): Promise<Read> {
  const { source, columns, remarks } = await describeTable(duck, files);
  const cells = columns.map(({ name }) => `${identifier(name)}::VARCHAR`).join(", ");
  const rows = await duck.rows(`SELECT [${cells}]::JSON::VARCHAR AS cells FROM ${readTableSql(source)} ORDER BY cells`);
  return {
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    rows: rows.map((row) => JSON.parse(String(row.cells)) as (string | null)[]),
    remarks: remarks.map(({ what, why }) => `${what}: ${why}`),
    unfit: Object.fromEntries(
      columns.flatMap((column) => (column.unfit ? [[column.name, unfitReason(column.unfit)]] : [])),
    ),
  };
}

const unreadable = (message: RegExp) =>
  expect.objectContaining({ code: "splits/master-unreadable", message: expect.stringMatching(message) });

describe("the place of a file", () => {
  it("adds no column and changes none, in any format", async () => {
    for (const name of ["shop=s1/a", "shop=s1/month=2/a", "st*r[1]/shop=s?/a"]) {
      const rows = "SELECT i AS id, 's' || i AS shop FROM range(3) t(i)";
      const expected = [
        ["0", "s0"],
        ["1", "s1"],
        ["2", "s2"],
      ];
      expect((await read(await parquet(`${name}.parquet`, rows))).rows).toEqual(expected);
      expect((await read(text(`${name}.csv`, "id,shop\n0,s0\n1,s1\n2,s2\n"))).rows).toEqual(expected);
      const lines = '{"id":0,"shop":"s0"}\n{"id":1,"shop":"s1"}\n{"id":2,"shop":"s2"}\n';
      expect((await read(text(`${name}.jsonl`, lines))).rows).toEqual(expected);
    }
    expect((await read(await parquet("day=1/b.parquet", "SELECT 1 AS id"))).types).toEqual({ id: "INTEGER" });
  });
});

it("a compressed table is read as the other", async () => {
  const pack = (name: string, content: string) => {
    writeFileSync(path.join(folder, name), gzipSync(content));
    return path.join(folder, name);
  };
  const lines = '{"id":1,"v":12345678901234567890123}\n{"id":2,"v":5}\n';
  expect((await read(pack("a.jsonl.gz", lines))).rows).toEqual([
    ["1", "12345678901234567890123"],
    ["2", "5"],
  ]);
  expect((await read(pack("a.csv.gz", '# c\n"a, b";c\n1;2\n'))).rows).toEqual([["1", "2"]]);
  expect((await read(pack("UP.CSV.GZ", "a,b\n1,2\n"))).rows).toEqual([["1", "2"]]);
  expect((await read(pack("UP.JSONL.GZ", lines))).rows).toHaveLength(2);
  const more = pack("more.csv.gz", "a,b\n1,2\n");
  appendFileSync(more, "# checked");
  await expect(read(more)).rejects.toEqual(unreadable(/is a gzip file with other bytes after its end/));
  const twice = path.join(folder, "twice.csv.gz");
  writeFileSync(twice, gzipSync(gzipSync("a,b\n1,2\n")));
  await expect(read(twice)).rejects.toEqual(unreadable(/was compressed twice/));
  await expect(read(text("empty.csv.gz", ""))).rejects.toEqual(unreadable(/is empty/));
  await expect(read(text("plain.csv.gz", "a,b\n1,2\n"))).rejects.toEqual(unreadable(/is not a gzip file/));
});

it.each([
  ["text", "a,b\n1,ü\n".repeat(300), /t\.parquet is text, not a Parquet file/],
  ["a gzip file", gzipSync("a,b\n1,2\n"), /t\.parquet is a gzip file, not a Parquet file/],
  ["nothing", "", /t\.parquet is empty/],
  ["an encrypted one", "PARE and more", /is an encrypted Parquet file/],
  ["a part of one", "PAR1 and more", /a truncated or damaged Parquet file/],
])("a file with a Parquet file's name and %s in it is told as that", async (_, content, message) => {
  const file = path.join(folder, "t.parquet");
  writeFileSync(file, content);
  await expect(read(file)).rejects.toEqual(unreadable(message));
});

describe("several Parquet files are one table, whatever their order", () => {
  it.each([
    ["1::BIGINT", "0.5::DOUBLE", "DOUBLE", ["0.5", "1.0"]],
    ["1::FLOAT", "0.1::DOUBLE", "DOUBLE", ["0.1", "1.0"]],
    [
      "DATE '2024-01-01'",
      "TIMESTAMP '2024-01-01 10:30:00'",
      "TIMESTAMP",
      ["2024-01-01 00:00:00", "2024-01-01 10:30:00"],
    ],
    [
      "TIMESTAMP '2024-01-01'",
      "TIMESTAMPTZ '2024-01-01 10:30:00+02'",
      "TIMESTAMP",
      ["2024-01-01 00:00:00", "2024-01-01 08:30:00"],
    ],
    [
      "TIMESTAMP '2024-01-01'",
      "make_timestamp_ns(1)",
      "TIMESTAMP_NS",
      ["1970-01-01 00:00:00.000000001", "2024-01-01 00:00:00"],
    ],
    ["1.25::DECIMAL(10,2)", "1.1234::DECIMAL(6,4)", "DECIMAL(12,4)", ["1.1234", "1.2500"]],
    ["7::BIGINT", "1.25::DECIMAL(10,2)", "DECIMAL(22,2)", ["1.25", "7.00"]],
    ["1::TINYINT", "3000000000::UINTEGER", "BIGINT", ["1", "3000000000"]],
    ["1::UTINYINT", "70000::UINTEGER", "UINTEGER", ["1", "70000"]],
    ["5::UBIGINT", "-1::INTEGER", "BIGINT", ["-1", "5"]],
    ["NULL::INTEGER", "'text'", "VARCHAR", [null, "text"]],
    ["NULL::INTEGER", "TIMESTAMP '2024-01-01'", "TIMESTAMP", [null, "2024-01-01 00:00:00"]],
    ["NULL::INTEGER", "[1, 2]", "INTEGER[]", ["[1, 2]", null]],
    ["'a'", "UUID '0196f5f0-0000-7000-8000-000000000000'", "VARCHAR", null],
  ])("%s and %s are read as %s", async (one, other, type, values) => {
    const a = await parquet("a.parquet", `SELECT 1 AS id, ${one} AS v`);
    const b = await parquet("b.parquet", `SELECT 2 AS id, ${other} AS v`);
    const found = [await read(a, b), await read(b, a)];
    for (const { types, rows } of found) {
      expect(types.v).toBe(type);
      if (values !== null) expect(rows.map(([, v]) => v).toSorted()).toEqual(values.toSorted());
    }
    expect(found[0]?.rows).toEqual(found[1]?.rows);
  });

  it.each([
    [
      "9007199254740993::BIGINT",
      "0.5::DOUBLE",
      /v is BIGINT in a\.parquet, DOUBLE in b\.parquet: as DOUBLE, 1 value would change, the first of them in \S+a\.parquet/,
    ],
    [
      "12345678901234567.5::DECIMAL(20,1)",
      "0.5::DOUBLE",
      /as DOUBLE, 1 value would change, the first of them in \S+a\.parquet/,
    ],
    ["TIMESTAMP '3000-01-01'", "make_timestamp_ns(1)", /as TIMESTAMP_NS, 1 value would change/],
    ["18446744073709551615::UBIGINT", "-1::BIGINT", /as BIGINT, 1 value would change/],
    ["true", "2::BIGINT", /v has types that no type holds together: BOOLEAN in a\.parquet, BIGINT in b\.parquet/],
    ["1", "'x'", /no type holds together: INTEGER in a\.parquet, VARCHAR in b\.parquet/],
    ["{'a': 1}", "{'a': 1.5::DOUBLE}", /no type holds together/],
  ])("%s and %s are refused", async (one, other, message) => {
    const a = await parquet("a.parquet", `SELECT 1 AS id, ${one} AS v`);
    const b = await parquet("b.parquet", `SELECT 2 AS id, ${other} AS v`);
    await expect(describeTable(duck, [a, b])).rejects.toEqual(unreadable(message));
    await expect(describeTable(duck, [b, a])).rejects.toMatchObject({
      code: "splits/master-unreadable",
      details: { column: "v" },
    });
  });

  it("names the file with the first value that would change", async () => {
    const files = [];
    for (const [name, value] of [
      ["a", 1],
      ["b", 2],
      ["c", "9007199254740993"],
      ["d", 3],
    ] as const)
      files.push(await parquet(`${name}.parquet`, `SELECT ${value}::BIGINT AS v`));
    files.push(await parquet("e.parquet", "SELECT 0.5::DOUBLE AS v"));
    await expect(describeTable(duck, files)).rejects.toMatchObject({
      message: expect.stringContaining("v is BIGINT in a.parquet and 3 more, DOUBLE in e.parquet"),
      details: { column: "v", file: files[2], count: 1 },
    });
  });

  it("has the columns that only some files have, and says where they are missing", async () => {
    const a = await parquet("m=1/a.parquet", "SELECT 1 AS id, 'x' AS gone");
    const b = await parquet("m=2/a.parquet", "SELECT 2 AS id, 5 AS new");
    const c = await parquet("m=3/a.parquet", "SELECT 3 AS id, 6 AS new");
    const { rows, remarks } = await read(a, b, c);
    expect(rows).toEqual([
      ["1", "x", null],
      ["2", null, "5"],
      ["3", null, "6"],
    ]);
    expect(remarks).toEqual([
      "gone has no value in the rows of m=2/a.parquet and 1 more: the column is missing there",
      "new has no value in the rows of m=1/a.parquet: the column is missing there",
    ]);
  });

  it("keeps every row of files that are all alike", async () => {
    const files = [];
    for (let i = 0; i < 5; i++) files.push(await parquet(`${i}.parquet`, `SELECT ${i} AS id, 'a' AS s`));
    expect((await read(...files)).rows).toHaveLength(5);
  });

  it("names a damaged file", async () => {
    const a = await parquet("a.parquet", "SELECT 1 AS id");
    const b = text("b.parquet", "PAR1 no more");
    await expect(describeTable(duck, [a, b])).rejects.toMatchObject({
      code: "splits/master-unreadable",
      details: { file: b },
    });
  });
});

describe("what DuckDB can't read from Parquet", () => {
  // Made by pyarrow; DuckDB writes neither.
  const fixture = (name: string) => path.join(appRoot, "fixtures/tables", name);

  it("is refused where it would read other numbers: decimals with more than 38 digits", async () => {
    const file = fixture("wide-decimals.parquet");
    const reason = "2 values of a decimal type with more than 38 digits; write them with 38 at most, or as text";
    expect((await read(file)).unfit).toEqual({ wide: reason, nested: reason });
    const other = await parquet("a.parquet", "SELECT 4 AS id, 1.5::DECIMAL(10, 2) AS wide, 3 AS more");
    for (const files of [
      [file, other],
      [other, file],
    ])
      expect((await read(...files)).unfit.wide).toBe(reason);
  });

  it("is said where it may cut times: those stored as INT96, and in lists with a zone", async () => {
    const cut = (name: string) =>
      `${name} is read to the microsecond: its times are stored in nanoseconds, and whether any needs them can't be found out`;
    expect((await read(fixture("int96-times.parquet"))).remarks).toEqual([cut("at")]);
    expect((await read(fixture("zoned-nanoseconds.parquet"))).remarks).toEqual([cut("list")]);
  });

  it("is counted where it would cut times: those in nanoseconds with a zone", async () => {
    const file = fixture("zoned-nanoseconds.parquet");
    const reason = "200 values finer than a microsecond; round the times in the table to use them";
    const { unfit, types } = await read(file);
    expect(unfit).toEqual({ fine: reason, inner: reason });
    expect(types).toMatchObject({ coarse: "TIMESTAMP WITH TIME ZONE", plain: "TIMESTAMP_NS" });
    const other = await parquet("a.parquet", "SELECT 4 AS id, TIMESTAMPTZ '2024-01-01' AS fine");
    for (const files of [
      [file, other],
      [other, file],
    ])
      expect((await read(...files)).unfit.fine).toBe(reason);
  });
});

describe("names that differ only in case", () => {
  /** DuckDB doesn't write such names; pyarrow does. The letters are changed in the bytes. */
  async function sameNamed(name: string, select: string): Promise<string> {
    const file = await parquet(name, select);
    const bytes = readFileSync(file).toString("latin1").replaceAll("xq", "xx").replaceAll("Xw", "XX");
    writeFileSync(file, Buffer.from(bytes, "latin1"));
    return file;
  }

  it("are kept apart in one Parquet file, with a remark", async () => {
    const file = await parquet("a.parquet", "SELECT 1 AS x");
    const two = await sameNamed("two.parquet", "SELECT 1 AS xq, 2 AS Xw");
    expect(await read(two)).toMatchObject({
      types: { xx: "INTEGER", XX_1: "INTEGER" },
      remarks: ["column 2, XX, is read as XX_1: xx and XX differ only in case, and names of columns ignore it"],
    });
    await expect(describeTable(duck, [two, file])).rejects.toEqual(
      unreadable(/In two\.parquet, column 2, XX, is read as XX_1/),
    );
  });

  it("are called in Parquet as they are in CSV, also beside a column of the new name", async () => {
    const three = await sameNamed("three.parquet", "SELECT 1 AS xx_1, 2 AS xq, 3.5::DOUBLE AS Xw");
    expect(await read(three)).toMatchObject({ types: { xx_1: "INTEGER", xx: "INTEGER", XX_2: "DOUBLE" } });
    // DuckDB itself calls the third one xx_1 too, or the real one otherwise.
    const late = await sameNamed("late.parquet", "SELECT 2 AS xq, 3.5::DOUBLE AS Xw, 7 AS XX_1");
    expect(await read(late)).toMatchObject({ types: { xx: "INTEGER", XX_2: "DOUBLE", XX_1: "INTEGER" } });
    const { source } = await describeTable(duck, [late]);
    expect(await duck.rows(`SELECT "XX_1" AS real, "XX_2" AS second FROM ${readTableSql(source)}`)).toEqual([
      { real: 7, second: 3.5 },
    ]);
  });

  it("keep the spaces around them in Parquet", async () => {
    expect(await read(await parquet("a.parquet", 'SELECT 1 AS " a ", 2 AS a'))).toMatchObject({
      types: { " a ": "INTEGER", a: "INTEGER" },
      remarks: [],
    });
  });

  it("are refused between Parquet files, and inside a struct", async () => {
    const a = await parquet("a.parquet", "SELECT 1 AS load");
    const b = await parquet("b.parquet", "SELECT 1 AS Load");
    await expect(describeTable(duck, [a, b])).rejects.toEqual(
      unreadable(/load \(in a\.parquet\) and Load \(in b\.parquet\)/),
    );
    const two = await sameNamed("two.parquet", "SELECT {'xq': 1, 'Xw': 2} AS s");
    await expect(describeTable(duck, [two])).rejects.toEqual(
      unreadable(/fields s\.xx and s\.XX, which differ only in case/),
    );
  });

  it.each([
    ['{"load":1,"Load":2}\n', /keys load and Load/],
    ['{"load":1}\n{"Load":2}\n', /keys load and Load/],
    ['{"s":{"a":1,"A":2}}\n', /keys s\.a and s\.A/],
    ['{"s":[{"a":1},{"A":2}]}\n', /keys s\.a and s\.A/],
    ['{"s":{"t":{"a":1}}}\n{"s":{"T":{"a":1}}}\n', /keys s\.t and s\.T/],
    ['{"id":1,"id":2}\n', /key "id"/],
  ])("are refused in JSONL with both names: %s", async (content, message) => {
    const file = text("a.jsonl", content);
    await expect(read(file)).rejects.toEqual(unreadable(message));
  });

  it("may be any others in JSONL but empty ones, in the file's order", async () => {
    const names = ["10", "b", "2", " c ", 'd"e', "f.g", "__proto__", "C0", "x_1"];
    const line = `{${names.map((name, i) => `${JSON.stringify(name)}:${i}`).join(",")}}\n`;
    const file = text("a.jsonl", line);
    expect((await describeTable(duck, [file])).columns.map(({ name }) => name)).toEqual(names);
    expect((await read(file)).rows).toEqual([names.map((_, i) => String(i))]);
    for (const content of ['{"a":1,"":2}\n', '{"s":{"":1,"b":2}}\n', '{"s":[{"":1}]}\n'])
      await expect(read(text("b.jsonl", content))).rejects.toEqual(unreadable(/an empty key/));
  });

  it("may differ in letters beyond ASCII, and in different objects", async () => {
    expect((await read(text("a.jsonl", '{"Ä":1,"ä":2,"s":{"a":1},"t":{"A":2}}\n'))).rows).toEqual([
      ["1", "2", "{'a': 1}", "{'A': 2}"],
    ]);
  });
});

describe("numbers of JSONL", () => {
  const lines = (values: readonly string[]) => values.map((value, i) => `{"id":${i},"v":${value}}\n`).join("");
  const read1 = async (...values: readonly string[]) => {
    const { types, rows, unfit } = await read(text("a.jsonl", lines(values)));
    return { type: types.v, values: rows.map(([, v]) => v), unfit: unfit.v };
  };

  it("keep their digits", async () => {
    expect(await read1("1", "9223372036854775807", "-9223372036854775808")).toEqual({
      type: "BIGINT",
      values: ["1", "9223372036854775807", "-9223372036854775808"],
    });
    for (const long of [
      "12345678901234567890123",
      "9223372036854775808",
      "18446744073709551616",
      "-9223372036854775809",
    ]) {
      expect(await read1(long, "-5")).toEqual({ type: "VARCHAR", values: [long, "-5"] });
    }
    expect(await read1("12345678901234567890123456789012345678901234567890", "1")).toMatchObject({ type: "VARCHAR" });
    expect(await read1("9007199254740992", "0.5")).toMatchObject({ type: "DOUBLE" });
    expect(await read1("1e300", "0.12345678901234567890123", "17")).toMatchObject({ type: "DOUBLE" });
  });

  it.each([
    [["9007199254740993", "0.5"], 1],
    [["1234567890123451", "1234567890123452", "9234567890123453", "1003.0"], 1],
    [["9007199254740993.0", "12345678901234567.5", "1"], 2],
    [["12345678901234567890123", "12345678901234567890124", "1.5", null, "2.5e300"], 2],
  ])("are counted where no type keeps them: %s", async (values, rows) => {
    const { unfit } = await read1(...values.map(String));
    expect(unfit).toBe(
      `${rows} value${rows === 1 ? "" : "s"} beyond 2^53, beside numbers with a decimal point; write them as text if they are identifiers, with fewer digits if they are amounts`,
    );
  });

  it("keep them inside objects and lists too", async () => {
    const { types, rows, unfit } = await read(
      text(
        "a.jsonl",
        '{"o":{"a/b":{"n":12345678901234567890123}},"l":[1,12345678901234567890],"m":{"x":0.5},"k":[9007199254740993]}\n{"m":{"x":9007199254740993},"k":[0.5],"s":"note: 12345678901234567890.5, and more"}\n',
      ),
    );
    expect(types.o).toBe('STRUCT("a/b" STRUCT("n" VARCHAR))');
    expect(types.l).toBe("VARCHAR[]");
    expect(rows.find(([o]) => o !== null)?.slice(0, 2)).toEqual([
      "{'a/b': {'n': 12345678901234567890123}}",
      "[1, 12345678901234567890]",
    ]);
    expect(unfit.m).toMatch(/^1 value beyond 2\^53 in m\.x, /);
    expect(unfit.k).toMatch(/^1 value beyond 2\^53 in k, /);
    expect(Object.keys(unfit)).toEqual(["m", "k"]);
  });

  it("leave strings alone, also those that look like times", async () => {
    const { types } = await read(
      text("a.jsonl", '{"d":"2024-01-01","s":{"t":"2024-01-01T00:00:00.123456789Z"},"e":{},"n":null,"b":true}\n'),
    );
    expect(types).toMatchObject({ d: "VARCHAR", s: 'STRUCT("t" VARCHAR)', e: "JSON", n: "JSON", b: "BOOLEAN" });
  });
});

describe("lines before a CSV header", () => {
  it("are skipped, and a broken row is still named by its line", async () => {
    expect((await read(text("a.csv", "\uFEFFsep=;\r\nid;y\r\n1;2,5\r\n"))).rows).toEqual([["1", "2,5"]]);
    expect(await read(text("b.csv", '# a "comment"\n# b,c,d\nid;y\n1;2\n#3;4\n'))).toMatchObject({
      rows: [
        ["#3", "4"],
        ["1", "2"],
      ],
      remarks: ["lines 1 to 2 are skipped: comments before the header"],
    });
    await expect(read(text("c.csv", "# c\nid;y\n1;2\n3;4;5\n"))).rejects.toMatchObject({ details: { line: 4 } });
    expect((await read(text("d.csv", '"Price, EUR";n\n"1,5";2\n'))).types).toEqual({
      "Price, EUR": "VARCHAR",
      n: "VARCHAR",
    });
  });

  it("are refused where their line ends aren't the header's", async () => {
    for (const content of ["sep=;\r\nid;y\n1;2\n", "# c\nid;y\r\n1;2\r\n", "# c\r\n# d\nid;y\n1;2\n"])
      await expect(read(text("a.csv", content))).rejects.toEqual(unreadable(/line ends/));
  });

  it("are refused where they aren't comments, with what is wrong", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i};a;"b;c"\n`).join("");
    await expect(read(text("a.csv", `Report of May\n\nid;x;y\n${rows}`))).rejects.toEqual(
      unreadable(/line 1: one field, but the rows below have 3/),
    );
    expect((await read(text("b.csv", 'text\n"a, b"\nc\n"d, e, f"\n'))).rows).toHaveLength(3);
  });

  it("are refused where the rows have more fields than there are names, but for a separator at their end", async () => {
    const rows = (line: string) => `a,b\n${`${line}\n`.repeat(5)}`;
    const refused = unreadable(/line 1: 2 names, but the rows below have 3 fields/);
    await expect(read(text("a.csv", rows('"1",2,3')))).rejects.toEqual(refused);
    expect((await read(text("b.csv", rows("1,2,")))).rows).toHaveLength(5);
    expect((await read(text("c.csv", rows("1,")))).rows).toHaveLength(5);
  });
});
