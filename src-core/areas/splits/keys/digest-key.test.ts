import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../../test/support/split-project.ts";
import { rowDigestSql } from "./digest-key.ts";

/** The rule as the guide states it, with only Python's hashlib: lines of values as JSON, in the order of the columns. */
const recompute = `
import sys, json, hashlib
for line in sys.stdin:
    parts = []
    for value in json.loads(line):
        if isinstance(value, bool): value = "true" if value else "false"
        elif isinstance(value, float): value = None if value != value else "%.16e" % (value + 0.0)
        text = "" if value is None else str(value)
        parts.append(f"{len(text.encode())}:{text}" if text else "-")
    print(hashlib.sha256("".join(parts).encode()).hexdigest()[:32])
`;

const contract: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: { digest_of: ["name", "n", "open", "at", "a", "b"] },
  target: "y",
  columns: {
    name: { type: "string" },
    n: { type: "int" },
    open: { type: "bool" },
    at: { type: "timestamp" },
    a: { type: "float" },
    b: { type: "float" },
    y: { type: "float", non_nullable: true },
  },
};
const split: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "stratified_hash",
  salt: "s",
  test_basis_points: 2_000,
};
const rows = `SELECT CASE WHEN i % 11 = 0 THEN NULL WHEN i % 7 = 0 THEN 'ä, "' || i ELSE 'n' || i // 3 END AS name, CASE WHEN i % 5 <> 0 THEN i % 40 END AS n,
  CASE WHEN i % 4 <> 0 THEN i % 3 = 0 END AS open, TIMESTAMP '2013-01-01' + to_hours(i % 50) AS at,
  CASE WHEN i % 6 <> 0 THEN sin(i) * 10.0 ** (i % 9 - 4) END AS a, round(cos(i % 100), 2) AS b, sin(i) AS y FROM range(300) t(i)`;
/** Some rows three times, with one value of the target or two. */
const repeated = `SELECT * FROM (${rows}) UNION ALL SELECT * FROM (${rows}) WHERE n < 8 UNION ALL SELECT * REPLACE (y + 1 AS y) FROM (${rows}) WHERE n < 8`;

async function keys(root: string, file: string): Promise<readonly string[]> {
  const read = await sql(`SELECT signalbox_digest || ' ' || signalbox_copy AS key FROM '${root}/${file}' ORDER BY ALL`);
  return read.map(({ key }) => String(key));
}

describe("a key by digest", () => {
  it("is recomputed by Python's hashlib from the values alone", async () => {
    const values: readonly (readonly unknown[])[] = [
      ["Zürich", 7, true, 0.1, 1e300],
      ["", -7, false, -0.5, 5e-324],
      [null, null, null, null, 0],
      ["1:a-", 0, true, -1e-7, 123456789.125],
    ];
    const texts = values.map(([name, n, open, a, b]) => {
      const quoted = name === null ? "NULL" : `'${String(name)}'`;
      return `(${quoted}, ${String(n)}::BIGINT, ${String(open)}::BOOLEAN, ${String(a)}::DOUBLE, ${String(b)}::DOUBLE)`;
    });
    const digest = rowDigestSql([
      { type: "string", sql: "s" },
      { type: "int", sql: "n" },
      { type: "bool", sql: "o" },
      { type: "float", sql: "a" },
      { type: "float", sql: "b" },
    ]);
    const found = await sql(`SELECT ${digest} AS d FROM (VALUES ${texts.join(", ")}) t(s, n, o, a, b)`);
    // Whole numbers in JSON would be integers to Python.
    const lines = values.map(
      ([name, n, open, a, b]) =>
        `[${JSON.stringify(name)}, ${String(n)}, ${String(open)}, ${a === null ? "null" : Number(a).toExponential()}, ${Number(
          b,
        )
          .toExponential()
          .replace("e", ".0e")
          .replace(/(\.\d+)\.0e/, "$1e")}]`,
    );
    const said = execFileSync("python3", ["-c", recompute], { input: `${lines.join("\n")}\n` });
    expect(found.map(({ d }) => d)).toEqual(said.toString().trim().split("\n"));
  });

  it("is the same for the same table in every format and order, and a further column changes nothing", async () => {
    const seen = new Set<string>();
    for (const name of ["data/master.parquet", "data/master.csv", "data/master.jsonl"]) {
      for (const [select, more] of [
        [`${repeated} ORDER BY y`, {}],
        [`SELECT 'x' || y AS extra, * FROM (${repeated}) ORDER BY a DESC`, { extra: { type: "string" as const } }],
      ] as const) {
        const root = newFolder();
        await writeMaster(root, select, name);
        const declared = { ...contract, columns: { ...more, ...contract.columns } };
        const result = await splitProject({ root, master: name, contract: declared, split }).run();
        const train = await keys(root, result.train.path);
        const reference = await keys(root, result.reference.path);
        seen.add(JSON.stringify({ train, reference }));
      }
    }
    expect(seen.size).toBe(1);
  });

  it("numbers rows with equal values and keeps them on one side, whatever else is in them", async () => {
    const root = newFolder();
    await writeMaster(root, repeated);
    const result = await splitProject({ root, contract, split }).run();
    const train = await keys(root, result.train.path);
    const reference = await keys(root, result.reference.path);
    const all = [...train, ...reference];
    expect(new Set(all).size).toBe(all.length);
    expect(all.some((key) => key.endsWith(" 2"))).toBe(true);
    const digests = new Set(train.map((key) => key.split(" ")[0]));
    expect(reference.filter((key) => digests.has(key.split(" ")[0]))).toEqual([]);
    expect(result.checks.map(({ outcome }) => outcome)).not.toContain("leak");
    // A key that returns is the same row: nothing new gets into the frozen reference.
    await writeMaster(root, `${repeated} ORDER BY b, y`);
    const again = await splitProject({ root, contract, split }).run();
    expect(again.reference.sha256).toBe(result.reference.sha256);
    expect(again.train.sha256).toBe(result.train.sha256);
  });

  it("decides the side by the digest alone", async () => {
    const root = newFolder();
    await writeMaster(root, repeated);
    const result = await splitProject({ root, contract, split }).run();
    const wrong = await sql(
      `SELECT count(*) AS n FROM (SELECT signalbox_digest AS d, false AS is_test FROM '${root}/${result.train.path}'
         UNION ALL SELECT signalbox_digest, true FROM '${root}/${result.reference.path}')
       WHERE (left(md5('s' || chr(31) || d), 8) < '33333333') <> is_test`,
    );
    expect(Number(wrong[0]?.n)).toBe(0);
  });

  it("finds no row again whose value was corrected, and stops if that puts reference rows into training", async () => {
    const root = newFolder();
    await writeMaster(root, rows);
    await splitProject({ root, contract, split }).run();
    await writeMaster(root, `SELECT * REPLACE (b + 1 AS b) FROM (${rows})`);
    await expect(splitProject({ root, contract, split }).run()).rejects.toMatchObject({
      code: "splits/leakage",
      message: expect.stringContaining("changed_rows: "),
    });
  });

  it("refuses a table that has the names of its columns", async () => {
    const root = newFolder();
    await writeMaster(root, `SELECT *, 1 AS signalbox_copy FROM (${rows})`);
    await expect(
      splitProject({ root, contract: { ...contract, strict_columns: false }, split }).run(),
    ).rejects.toMatchObject({ code: "splits/contract-violated", message: expect.stringContaining("signalbox_copy") });
  });

  it("works with groups and over time", async () => {
    for (const other of [
      { strategy: "group_hash", group: ["open"], test_basis_points: 5_000 },
      { strategy: "temporal", column: "at", cutoff: "2013-01-02T12:00:00Z" },
    ]) {
      const root = newFolder();
      await writeMaster(root, `SELECT * FROM (${repeated}) WHERE open IS NOT NULL`);
      const given = {
        version: 1,
        rules: 2,
        salt: "s1",
        ...other,
        accept: ["near_duplicates"],
      } as SplitProjectInput["split"];
      const result = await splitProject({ root, contract, split: given }).run();
      expect(result.reference.rows).toBeGreaterThan(0);
    }
  });
});
