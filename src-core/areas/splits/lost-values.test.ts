import { describe, expect, it } from "vitest";
import { newFolder, type SplitProjectInput, splitProject, writeMaster } from "../../../test/support/split-project.ts";

const required = { non_nullable: true } as const;

describe("whole numbers beyond 2^53 that a model would round", () => {
  const big = (as: string, name: string) => async () => {
    const root = newFolder();
    await writeMaster(
      root,
      `SELECT i AS id, CASE WHEN i IN (7, 9) THEN 9007199254740993 + i ELSE i END AS x, ${as} AS y FROM range(60) t(i)`,
      name,
    );
    return root;
  };
  const contract = (y: SplitProjectInput["contract"]["columns"][string]): SplitProjectInput["contract"] => ({
    version: 1,
    rules: 2,
    primary_key: ["id"],
    target: "y",
    columns: { id: { type: "int", ...required }, x: { type: "int", ...required }, y: { ...y, ...required } },
  });
  const split = { version: 1, rules: 2, strategy: "stratified_hash", salt: "s", test_basis_points: 3_000 } as const;

  it.each(["data/t.csv", "data/t.jsonl", "data/t.parquet"])("stop the split as a feature: %s", async (master) => {
    const root = await big("i * 1.5::DOUBLE", master)();
    const input = { root, master, contract: contract({ type: "float" }), split };
    const without = splitProject(input);
    await without.run();
    const feature = { version: 1 as const, numeric: [{ columns: ["x"] }] };
    // The split is there already: the features are new.
    await expect(splitProject({ ...input, feature }).run()).rejects.toMatchObject({
      code: "splits/contract-violated",
      message:
        "configs/features/v1.yaml takes x as a feature, but 2 of its values are beyond 2^53, where a model can't tell neighbours apart – id=7: 9007199254741000; id=9: 9007199254741002.",
    });
  });

  it("stop the split as the target of a regression", async () => {
    const root = await big("CASE WHEN i = 3 THEN -9007199254740993 ELSE i END", "data/t.parquet")();
    await expect(
      splitProject({ root, master: "data/t.parquet", contract: contract({ type: "int" }), split }).run(),
    ).rejects.toMatchObject({
      message: expect.stringMatching(
        /^signalbox.yaml takes y as the target of a regression, but one of its values is beyond/,
      ),
    });
  });

  it("stop the split where the squares of the target are infinite", async () => {
    const root = await big("CASE WHEN i = 3 THEN 1.7e308 ELSE i * 1.5 END::DOUBLE", "data/t.parquet")();
    const input = { root, master: "data/t.parquet", contract: contract({ type: "float" }), split };
    await expect(splitProject(input).run()).rejects.toMatchObject({
      message:
        "signalbox.yaml takes y as the target of a regression, but one of its values is beyond 1e150, whose squares are infinite – id=3: 1.7e+308.",
    });
  });
});
