import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { newFolder, sql } from "../../../../test/support/split-project.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { rowDigest } from "./row-digest.ts";

/** The definition in row-digest.ts, from the values alone, with Python's standard library. */
const recompute = `
import sys, json, struct, hashlib
sha = lambda b: hashlib.sha256(b).hexdigest()
doc = json.load(sys.stdin); rows = doc["rows"]
lines = ["signalbox-rows/1\\n", f"rows {len(rows)}\\n"]
for name, kind in doc["columns"]:
    values = [row[name] for row in rows]
    cells, long, nulls = b"", b"", b"".join(b"\\x01" if v is None else b"\\x00" for v in values)
    for v in values:
        if kind == "text":
            b = ("" if v is None else v).encode()
            short = len(b) <= 12
            cells += struct.pack("<I", len(b)) + b.ljust(12, b"\\0") if short else bytes(16)
            long += bytes(16) if short else struct.pack("<I", 12) + hashlib.md5(b).digest()[:12]
        elif kind == "float":
            cells += struct.pack("<Q", 0x7ff8000000000000) if v == "NaN" else struct.pack("<d", float(v or 0))
        else:
            cells += struct.pack("<q", int(v or 0))
    hasLong = any(long); hasNulls = any(nulls)
    lines.append(f"{json.dumps(name, ensure_ascii=False)} {kind} {sha(cells)} {sha(long) if hasLong else '-'} {sha(nulls) if hasNulls else '-'}\\n")
print(sha("".join(lines).encode()))
`;

const select = (
  n: number,
) => `SELECT i AS id, (i % 100)::TINYINT AS small, CASE WHEN i % 7 = 0 THEN NULL WHEN i % 11 = 0 THEN 'nan'::DOUBLE ELSE (i - 50) / 7.0::DOUBLE END AS x,
 i % 2 = 0 AS flag, TIMESTAMP '1969-12-31 23:59:59.999999' + to_hours(i) AS day, 'ä' || i AS "short name",
 CASE WHEN i % 5 = 0 THEN NULL ELSE repeat('long ', i::INTEGER % 9) END AS words, CASE WHEN i = ${n - 1} THEN 'a text beyond twelve bytes' ELSE 'x' END AS late FROM range(${n}) t(i)`;

async function digestOf(query: string, options: string): Promise<string> {
  const folder = newFolder();
  const file = path.join(folder, "t.parquet");
  await sql(`COPY (${query}) TO '${file}' (FORMAT parquet, ${options})`);
  const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
  try {
    return (await rowDigest(duck, file)).digest;
  } finally {
    duck.close();
  }
}

describe("the row digest", () => {
  it("is recomputed by Python from the values alone", async () => {
    const n = 5_000;
    const rows = await sql(
      `SELECT id::VARCHAR AS id, small::VARCHAR AS small, CASE WHEN isnan(x) THEN 'NaN' ELSE x::VARCHAR END AS x, flag::INTEGER AS flag, epoch_us(day)::VARCHAR AS day, "short name", words, late FROM (${select(n)}) ORDER BY id::BIGINT`,
    );
    const columns = [
      ["id", "int"],
      ["small", "int"],
      ["x", "float"],
      ["flag", "bool"],
      ["day", "timestamp"],
      ["short name", "text"],
      ["words", "text"],
      ["late", "text"],
    ];
    const expected = execFileSync("python3", ["-c", recompute], { input: JSON.stringify({ columns, rows }) })
      .toString()
      .trim();
    expect(await digestOf(select(n), "COMPRESSION snappy")).toBe(expected);
  });

  it("depends only on values and order, not on how the file is written", async () => {
    const one = await digestOf(select(3_000), "COMPRESSION snappy, ROW_GROUP_SIZE 2048");
    expect(await digestOf(select(3_000), "COMPRESSION zstd, PARQUET_VERSION V2")).toBe(one);
    expect(await digestOf(`SELECT * FROM (${select(3_000)}) ORDER BY id DESC`, "COMPRESSION snappy")).not.toBe(one);
    expect(await digestOf(select(3_000).replace("(i - 50)", "(i - 51)"), "COMPRESSION snappy")).not.toBe(one);
  });
});
