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
    day: { type: "timestamp", non_nullable: true },
    a: { type: "float" },
    y: { type: "float", non_nullable: true },
  },
};
const split: SplitProjectInput["split"] = {
  version: 1,
  rules: 2,
  strategy: "group_hash",
  salt: "s/v1",
  group: ["shop"],
  test_basis_points: 2_000,
  optional_tests: [{ name: "recent", moving_period: { column: "day", durations: ["30d"] } }],
};

describe("determinism", () => {
  it("gives the same bytes 40 times of 40, over threads {1, 2, 4, 8} and two memory limits", async () => {
    const master = newFolder();
    await writeMaster(
      master,
      "SELECT i AS id, 'shop ' || (hash(i * 7) % 2000) AS shop, TIMESTAMP '2013-01-01' + to_minutes((hash(i) % 500000)::INTEGER) AS day, (hash(i * 3) % 100003) / 7.0::DOUBLE AS a, (hash(i * 9) % 1000003) / 10.0::DOUBLE AS y FROM range(300000) t(i) ORDER BY hash(i)",
    );
    const seen = new Set<string>();
    let runs = 0;
    for (let repeat = 0; repeat < 5; repeat++) {
      for (const threads of [1, 2, 4, 8]) {
        for (const memory_gib of [0.2, 4]) {
          const root = newFolder();
          await writeMaster(root, `FROM '${master}/data/master.parquet'`);
          const { train, reference, optional, rowCounts } = await splitProject({
            root,
            contract,
            split,
            local: { threads, memory_gib },
          }).run();
          seen.add(JSON.stringify({ train, reference, optional, rowCounts }));
          runs++;
        }
      }
    }
    expect([runs, seen.size]).toEqual([40, 1]);
  }, 300_000);
});
