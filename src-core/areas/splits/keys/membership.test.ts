import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newFolder, splitProject, sql, writeMaster } from "../../../../test/support/split-project.ts";
import { joinKeySql, keyTextSql, thresholdHex } from "./membership.ts";

/** The rule as the guide states it, with only Python's hashlib. Reads lines of `key<TAB>side`. */
const recompute = `
import sys, hashlib
salt, basis_points = sys.argv[1], int(sys.argv[2])
wrong = 0; rows = 0
for line in sys.stdin.buffer.read().decode().split("\\n"):
    if not line: continue
    key, side = line.split("\\t")
    u = int(hashlib.md5((salt + "\\x1f" + key).encode()).hexdigest()[:8], 16)
    expected = "test" if u < basis_points * 2**32 // 10000 else "train"
    rows += 1; wrong += expected != side
print(rows, wrong)
`;

function pythonSays(salt: string, basisPoints: number, lines: readonly string[]): string {
  return execFileSync("python3", ["-c", recompute, salt, String(basisPoints)], { input: lines.join("\n") })
    .toString()
    .trim();
}

const column = { non_nullable: true } as const;

describe("membership", () => {
  it("compares fixed-width hexadecimal digits like the numbers", () => {
    expect(thresholdHex(2_000)).toBe("33333333");
    expect(thresholdHex(1)).toBe("00068db8");
    expect(thresholdHex(9_999)).toBe("fff97247");
    expect(() => thresholdHex(10_000)).toThrow(RangeError);
    expect(() => thresholdHex(0)).toThrow(RangeError);
  });

  it("writes key values in the canonical text of their type", async () => {
    const parts = [
      keyTextSql("int", "-7::BIGINT"),
      keyTextSql("string", "'Zürich'"),
      keyTextSql("bool", "(1 = 1)"),
      keyTextSql("timestamp", "TIMESTAMP '2013-01-02 03:04:05.000006'"),
    ].map(String);
    const [row] = await sql(`SELECT ${joinKeySql(parts)} AS key`);
    expect(row?.key).toBe("-7\u001fZürich\u001ftrue\u001f2013-01-02T03:04:05.000006Z");
    expect(keyTextSql("float", "1.5")).toBeNull();
  });

  it("is recomputed by Python's hashlib and by Node from salt and key alone", async () => {
    const root = newFolder();
    await writeMaster(
      root,
      `SELECT i AS id, 'shop ' || (i % 317) || ' ä' AS shop, i % 3 = 0 AS open, TIMESTAMP '2013-01-01 00:00:00.000001' + to_hours(i % 5) AS day, (hash(i) % 997)::DOUBLE AS y FROM range(20000) t(i)`,
    );
    const contract = {
      version: 1 as const,
      rules: 2 as const,
      primary_key: ["id"],
      target: "y",
      columns: {
        id: { type: "int" as const, ...column },
        shop: { type: "string" as const, ...column },
        open: { type: "bool" as const, ...column },
        day: { type: "timestamp" as const, ...column },
        y: { type: "float" as const, ...column },
      },
    };
    const split = {
      version: 1 as const,
      rules: 2 as const,
      strategy: "group_hash" as const,
      salt: "shops/v1",
      group: ["shop", "open", "day"],
      test_basis_points: 3_000,
    };
    const project = splitProject({ root, contract, split });
    const result = await project.run();
    const read = async (name: string, side: string) =>
      (
        await sql(
          `SELECT shop || chr(31) || CASE WHEN open THEN 'true' ELSE 'false' END || chr(31) || strftime(day, '%Y-%m-%dT%H:%M:%S.%fZ') AS key FROM '${project.file(name)}'`,
        )
      ).map((row) => `${String(row.key)}\t${side}`);
    const lines = [...(await read(result.train.path, "train")), ...(await read(result.reference.path, "test"))];
    expect(pythonSays("shops/v1", 3_000, lines)).toBe("20000 0");

    const wrong = lines.filter((line) => {
      const [key, side] = line.split("\t");
      const u = Number.parseInt(hash("md5", `shops/v1\u001f${key}`, "hex").slice(0, 8), 16);
      return u < Math.floor((3_000 * 2 ** 32) / 10_000) !== (side === "test");
    });
    expect(wrong).toEqual([]);
  });

  it("leaves every known key on its side when rows are added", async () => {
    const root = newFolder();
    const select = (n: number) => `SELECT i AS id, (i % 89)::DOUBLE AS y FROM range(${n}) t(i)`;
    const contract = {
      version: 1 as const,
      rules: 2 as const,
      primary_key: ["id"],
      target: "y",
      columns: { id: { type: "int" as const, ...column }, y: { type: "float" as const, ...column } },
    };
    const split = {
      version: 1 as const,
      rules: 2 as const,
      strategy: "stratified_hash" as const,
      salt: "s",
      test_basis_points: 2_000,
      max_duplicate_basis_points: 10_000,
    };
    await writeMaster(root, select(3_000));
    const before = await splitProject({ root, contract, split }).run();
    const keys = async (name: string) => (await sql(`SELECT id FROM '${root}/${name}'`)).map((row) => Number(row.id));
    const trainBefore = await keys(before.train.path);
    await writeMaster(root, select(5_000));
    const after = await splitProject({ root, contract, split }).run();
    const trainAfter = new Set(await keys(after.train.path));
    expect(trainBefore.every((key) => trainAfter.has(key))).toBe(true);
    expect(after.reference.sha256).toBe(before.reference.sha256);
    expect(after.rowCounts.withheld).toBeGreaterThan(0);
    expect(Object.values(after.rowCounts).reduce((a, b) => a + b)).toBe(5_000);
  });
});
