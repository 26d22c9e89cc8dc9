import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  writeMaster,
} from "../../../../test/support/split-project.ts";

const contract: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "y",
  columns: {
    id: { type: "int", non_nullable: true },
    shop: { type: "string", non_nullable: true },
    name: { type: "string" },
    day: { type: "timestamp", non_nullable: true },
    seen: { type: "timestamp" },
    y: { type: "float", non_nullable: true },
  },
};
const byTime: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "temporal",
  salt: "s",
  column: "day",
  cutoff: "2013-01-11",
};

/** 2,000 rows, half before the cut-off; `repeats` rows after it copy one before it but for day, or all but key. */
async function project(options: {
  readonly y?: string;
  readonly name?: string;
  readonly split?: Partial<SplitProjectInput["split"]>;
  readonly seen?: string;
}) {
  const root = newFolder();
  const { y = "i * 1.5::DOUBLE", name = "'n' || i", seen = "day" } = options;
  await writeMaster(
    root,
    `SELECT *, ${seen} AS seen FROM (SELECT i AS id, 's' || (i % 1000) AS shop, ${name} AS name, TIMESTAMP '2013-01-01' + to_minutes(14 * i) AS day, ${y} AS y FROM range(2000) t(i))`,
  );
  const feature = { version: 1 as const, datetime: [{ columns: ["seen"], parts: ["hour" as const] }] };
  return splitProject({
    root,
    contract,
    feature,
    split: { ...byTime, ...options.split } as SplitProjectInput["split"],
  });
}

describe("leakage between train set and reference test", () => {
  const byKey = {
    strategy: "stratified_hash",
    test_basis_points: 3_000,
    column: undefined,
    cutoff: undefined,
  } as const;
  async function twinned(split: object, upper = "'n' || (i // 2)", y = "(i // 2) * 1.5::DOUBLE", shop = "'s'") {
    const root = newFolder();
    await writeMaster(
      root,
      `SELECT i AS id, ${shop} AS shop, ${upper} AS name, TIMESTAMP '2013-01-01' + to_minutes(i // 2) AS day, NULL::TIMESTAMP AS seen, ${y} AS y FROM range(2000) t(i)`,
    );
    const { column: _, cutoff: __, ...rest } = { ...byTime, ...byKey, ...split } as Record<string, unknown>;
    return splitProject({ root, contract, split: rest as SplitProjectInput["split"] });
  }

  it("stops at rows that are equal in every column but the key", async () => {
    await expect((await twinned({})).run()).rejects.toMatchObject({
      code: "splits/leakage",
      message: expect.stringContaining("duplicates"),
    });
  });

  it("accepts them below the configured share, or by name, and keeps the finding in the manifest", async () => {
    await (await twinned({ max_duplicate_basis_points: 10_000 })).run();
    const { warnings } = await (await twinned({ accept: ["duplicates"] })).run();
    expect(warnings.join()).toMatch(/^duplicates: \d+ .*accepted/);
  });

  it("warns of rows equal after rounding to three digits and folding case", async () => {
    const near = await twinned(
      {},
      "CASE WHEN i % 2 = 0 THEN 'N' ELSE 'n' END || (i // 2)",
      "1e6 + (i // 2) + (i % 2) / 10.0::DOUBLE",
    );
    const { warnings } = await near.run();
    expect(warnings.join()).toMatch(/^near_duplicates: [1-9]\d* /);
  });

  it("finds nearly equal rows across groups whose names differ only in case", async () => {
    const twins = (shop: string) =>
      twinned(
        { strategy: "group_hash", group: ["shop"], test_basis_points: 5_000 },
        "'n' || (i // 2)",
        undefined,
        shop,
      );
    const byCase = await (await twins("CASE WHEN i % 2 = 0 THEN 'S' ELSE 's' END || (i // 2 % 50)")).run();
    expect(byCase.warnings.join()).toMatch(/^near_duplicates: [1-9]\d* /);
    const unlike = await (await twins("CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END || (i // 2 % 50)")).run();
    expect(unlike.warnings.join()).toMatch(/^changed_rows: [1-9]\d* /);
  });

  it("stops at a feature whose time is after the decision, unless accepted", async () => {
    await (await project({ split: { decision_time: "day" } })).run();
    const late = { seen: "day + INTERVAL 1 SECOND", split: { decision_time: "day" } };
    await expect((await project(late)).run()).rejects.toMatchObject({
      code: "splits/leakage",
      message: expect.stringContaining("feature_time"),
    });
    const accepted = await project({ ...late, split: { ...late.split, accept: ["feature_time"] } });
    expect((await accepted.run()).warnings.join()).toContain("feature_time: 2000");
    // Nothing changed, but the check also depends on the feature schema, so it runs again.
    expect((await accepted.run()).warnings.join()).toContain("feature_time: 2000");
  });

  it("stops at train rows that a changed table has moved past or into the frozen reference", async () => {
    const first = await project({});
    await first.run();
    const root = first.root;
    // Rows of the reference (after the cut-off) now claim a time before it.
    await writeMaster(
      root,
      "SELECT i AS id, 's' || i AS shop, 'n' || i AS name, TIMESTAMP '2013-01-01' + to_minutes(14 * (i % 1500)) AS day, NULL::TIMESTAMP AS seen, i * 1.5::DOUBLE AS y FROM range(2000) t(i)",
    );
    await expect(splitProject({ root, contract, split: byTime }).run()).rejects.toMatchObject({
      code: "splits/leakage",
      message: expect.stringMatching(/key_overlap: \d+ \(primary keys .*; limit 0\): \d+; \d+; \d+; …/),
    });
  });

  it("finds a group on both sides of a frozen reference", async () => {
    const root = newFolder();
    const rows = (shop: string, from = 0) =>
      `SELECT i AS id, ${shop} AS shop, 'n' || i AS name, TIMESTAMP '2013-01-01' + to_hours(i) AS day, NULL::TIMESTAMP AS seen, i * 1.5::DOUBLE AS y FROM range(${from}, ${from + 200}) t(i)`;
    const split = (test_groups: string[]): SplitProjectInput["split"] => ({
      version: 1,
      rules: 2,
      strategy: "geographic",
      salt: "s",
      group: ["shop"],
      test_groups,
      closed_period: { column: "day", from: "2013-01-01", to: "2014-01-01" },
    });
    await writeMaster(root, rows("'s' || (i % 9)"));
    await splitProject({ root, contract, split: split(["s1", "s2"]) }).run();
    await expect(splitProject({ root, contract, split: split(["s1"]) }).run()).rejects.toMatchObject({
      code: "splits/leakage",
    });
    await writeMaster(root, rows("'s' || (i % 9)", 1_000));
    await expect(splitProject({ root, contract, split: split(["s1"]) }).run()).rejects.toMatchObject({
      code: "splits/group-straddles",
    });
  });
});

describe.each(["csv", "jsonl", "parquet"])(
  "a table in %s that was written in another order, with its row numbers as the key",
  (format) => {
    const master = `data/master.${format}`;
    const split: SplitProjectInput["split"] = {
      version: 1,
      rules: 2,
      strategy: "stratified_hash",
      salt: "s",
      test_basis_points: 2_000,
    };
    const columns = {
      n: { type: "int", non_nullable: true },
      name: { type: "string" },
      code: { type: "int" },
      a: { type: "float" },
      b: { type: "float" },
      y: { type: "float", non_nullable: true },
    } as const;
    const declared = (names: readonly (keyof typeof columns)[]): SplitProjectInput["contract"] => ({
      version: 1,
      rules: 2,
      primary_key: ["n"],
      target: "y",
      columns: Object.fromEntries(names.map((name) => [name, columns[name]])),
    });
    const all =
      "SELECT i, 'n' || i AS name, 7000 + i AS code, sin(i * 12.9) AS a, cos(i * 3.7) AS b, sin(i * 5.1) AS y FROM range(320) t(i)";

    /** Runs the split on the rows in one order, then on the changed rows in another one. */
    async function resorted(names: readonly (keyof typeof columns)[], changed: string, schema: object = {}) {
      const root = newFolder();
      const contract = declared(names);
      const shown = names.filter((name) => name !== "n").join(", ");
      const write = (order: string, replaced: string) =>
        writeMaster(
          root,
          `SELECT row_number() OVER (ORDER BY ${order}) AS n, ${shown} FROM (SELECT * ${replaced} FROM (${all})) ORDER BY n`,
          master,
        );
      await write("i", "");
      const first = await splitProject({ root, master, contract, split: { ...split, ...schema } }).run();
      await write("y", changed);
      return { first, again: () => splitProject({ root, master, contract, split: { ...split, ...schema } }).run() };
    }

    it.each(["name", "code"] as const)("stops, because the identifier %s gives reference rows back", async (named) => {
      const { first, again } = await resorted(["n", named, "a", "b", "y"], "REPLACE (a + 1 AS a, b + 1 AS b)");
      expect(first.warnings).toEqual([]);
      await expect(again()).rejects.toMatchObject({
        code: "splits/leakage",
        message: expect.stringMatching(new RegExp(`identifier_overlap: \\d\\d \\(.* \\(${named}\\); limit 0\\)`)),
      });
    });

    it("stops without an identifier, because rows are equal but in one corrected column", async () => {
      const { first, again } = await resorted(["n", "a", "b", "y"], "REPLACE (a + 1 AS a)");
      expect(first.checks).toContainEqual(expect.objectContaining({ check: "changed_rows", count: 0 }));
      await expect(again()).rejects.toMatchObject({
        code: "splits/leakage",
        message: expect.stringMatching(/changed_rows: \d\d /),
      });
    });

    it("stops, because rows are equal in all but a row counter", async () => {
      const { again } = await resorted(["n", "a", "b", "y"], "");
      await expect(again()).rejects.toMatchObject({ message: expect.stringMatching(/: duplicates: \d\d /) });
    });

    it("continues where that is accepted by name", async () => {
      const accepted = { accept: ["identifier_overlap", "changed_rows"] };
      const { again } = await resorted(["n", "name", "a", "b", "y"], "REPLACE (a + 1 AS a)", accepted);
      expect((await again()).warnings.join()).toMatch(/identifier_overlap: .*accepted.*changed_rows: .*accepted/);
    });
  },
);

describe("rows that are equal in all but one column from the beginning", () => {
  const contract: SplitProjectInput["contract"] = {
    version: 1,
    rules: 2,
    primary_key: ["id"],
    target: "y",
    columns: {
      id: { type: "int", non_nullable: true },
      a: { type: "float" },
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
  const rows = (n: number, pairs: number) =>
    `SELECT i AS id, CASE WHEN i < ${2 * pairs} THEN i // 2 ELSE i END / 7.0 AS a, sin(i) AS y FROM range(${n}) t(i)`;

  it("warn with their count, and stop a run once they are more", async () => {
    const root = newFolder();
    await writeMaster(root, rows(400, 40));
    const first = await splitProject({ root, contract, split }).run();
    expect(first.warnings.join()).toMatch(/^changed_rows: 1\d /);
    await writeMaster(root, rows(404, 40));
    expect((await splitProject({ root, contract, split }).run()).warnings.join()).toMatch(/^changed_rows: 1\d /);
    await writeMaster(root, "SELECT i AS id, ((i + 1) % 404) / 7.0 AS a, sin(i) AS y FROM range(404) t(i)");
    await expect(splitProject({ root, contract, split }).run()).rejects.toMatchObject({
      message: expect.stringContaining("changed_rows: "),
    });
  });
});
