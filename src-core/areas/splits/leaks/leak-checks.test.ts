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
    expect(unlike.warnings).toEqual([]);
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
      message: expect.stringContaining("key_overlap"),
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
