import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  newFolder,
  type SplitProjectInput,
  splitProject,
  sql,
  writeMaster,
} from "../../../../test/support/split-project.ts";

interface Event {
  readonly id: number;
  readonly shop: string;
  readonly hour: number;
}

const n = 600;
const events: readonly Event[] = Array.from({ length: n }, (_, id) => ({
  id,
  shop: `s${(id * 7) % 23}`,
  hour: (id * 13) % n,
}));
const start = Date.UTC(2013, 0, 1);
const at = (hour: number) => new Date(start + hour * 3_600_000).toISOString().slice(0, 19);

const contract: SplitProjectInput["contract"] = {
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "y",
  columns: {
    id: { type: "int", non_nullable: true },
    shop: { type: "string", non_nullable: true },
    day: { type: "timestamp", non_nullable: true },
    y: { type: "float", non_nullable: true },
  },
};

const isTestShop = (shop: string) =>
  Number.parseInt(hash("md5", `s\u001f${shop}`, "hex").slice(0, 8), 16) < Math.floor((4_000 * 2 ** 32) / 10_000);

/** Each strategy's rule in plain code: what happens to an event. */
const strategies: readonly {
  readonly name: string;
  readonly split: SplitProjectInput["split"];
  readonly outcome: (event: Event) => string;
}[] = [
  {
    name: "geographic",
    split: {
      version: 1,
      rules: 2,
      strategy: "geographic",
      salt: "s",
      group: ["shop"],
      test_groups: ["s1", "s2", "s3"],
      closed_period: { column: "day", from: at(200), to: `${at(400)}Z` },
      optional_tests: [{ name: "last", moving_period: { column: "day", durations: ["48h"] } }],
    },
    outcome: ({ shop, hour }) => {
      if (!["s1", "s2", "s3"].includes(shop)) return "train";
      return hour >= 200 && hour < 400 ? "reference" : "test_outside_period";
    },
  },
  {
    name: "group_hash",
    split: { version: 1, rules: 2, strategy: "group_hash", salt: "s", group: ["shop"], test_basis_points: 4_000 },
    outcome: ({ shop }) => (isTestShop(shop) ? "reference" : "train"),
  },
  {
    name: "temporal",
    split: { version: 1, rules: 2, strategy: "temporal", salt: "s", column: "day", cutoff: at(400), embargo: "2d" },
    outcome: ({ hour }) => (hour >= 400 ? "reference" : hour >= 352 ? "embargo" : "train"),
  },
  {
    name: "group_temporal",
    split: {
      version: 1,
      rules: 2,
      strategy: "group_temporal",
      salt: "s",
      group: ["shop"],
      test_basis_points: 4_000,
      column: "day",
      cutoff: at(400),
      embargo: "1d",
    },
    outcome: ({ shop, hour }) => {
      if (isTestShop(shop)) return hour >= 400 ? "reference" : "test_groups_before_cutoff";
      return hour >= 400 ? "train_groups_after_cutoff" : hour >= 376 ? "embargo" : "train";
    },
  },
  {
    name: "stratified_hash",
    split: { version: 1, rules: 2, strategy: "stratified_hash", salt: "s", strata: ["shop"], test_basis_points: 4_000 },
    outcome: ({ id }) => (isTestShop(String(id)) ? "reference" : "train"),
  },
];

describe("what happens to each row", () => {
  it.each(strategies)("$name", async ({ split, outcome }) => {
    const root = newFolder();
    const values = events
      .map(({ id, shop, hour }) => `(${id}, '${shop}', TIMESTAMP '${at(hour)}', ${id}.5::DOUBLE)`)
      .join(", ");
    await writeMaster(root, `SELECT * FROM (VALUES ${values}) t(id, shop, day, y)`);
    const project = splitProject({ root, contract, split });
    const result = await project.run();

    const expected: Record<string, number> = {};
    for (const event of events) expected[outcome(event)] = (expected[outcome(event)] ?? 0) + 1;
    expect(result.rowCounts).toEqual({
      ...Object.fromEntries(Object.keys(result.rowCounts).map((key) => [key, 0])),
      ...expected,
    });

    const ids = async (name: string) =>
      (await sql(`SELECT id FROM '${project.file(name)}'`)).map((row) => Number(row.id));
    const idsOf = (name: string) => events.filter((event) => outcome(event) === name).map(({ id }) => id);
    expect(await ids(result.train.path)).toEqual(idsOf("train"));
    expect(await ids(result.reference.path)).toEqual(idsOf("reference"));
    const [moving] = result.optional;
    if (moving === undefined) return;
    // Drawn from all of the test groups, counted back from their latest time.
    const side = events.filter((event) => outcome(event) !== "train");
    const latest = Math.max(...side.map(({ hour }) => hour));
    expect(await ids(moving.path)).toEqual(side.filter(({ hour }) => hour > latest - 48).map(({ id }) => id));
  });

  it("reports which listed test group has no row", async () => {
    const root = newFolder();
    await writeMaster(
      root,
      `SELECT i AS id, 's' || (i % 5) AS shop, TIMESTAMP '2013-01-02' + to_hours(i) AS day, i * 1.0::DOUBLE AS y FROM range(50) t(i)`,
    );
    const split: SplitProjectInput["split"] = {
      version: 1,
      rules: 2,
      strategy: "geographic",
      salt: "s",
      group: ["shop"],
      test_groups: ["s1", "gone"],
      closed_period: { column: "day", from: "2013-01-01", to: "2014-01-01" },
    };
    const { warnings } = await splitProject({ root, contract, split }).run();
    expect(warnings).toEqual(["The test group gone has no row in the table."]);
  });
});
