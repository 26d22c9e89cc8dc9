import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { versionedProject } from "../../../test/support/versioned-project.ts";
import { dataContractSchema } from "../../contract/configs/data-contract.ts";
import { type VersionResult, versionResultSchema } from "../../contract/runs/stage-results.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { versionStage } from "./version-stage.ts";

const contract = dataContractSchema.parse({
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "id",
  columns: { image: { type: "file" }, id: { type: "int" } },
});

/** What the stage reads of its context; the rest of a run is missing. */
function contextOf(root: string, master: string): Parameters<typeof versionStage>[0] {
  const core = bareCore(root);
  const project = { paths: projectPaths(root), config: { master } };
  const configs = { dataContract: { value: contract } };
  const split = {
    splitVersion: 1,
    isReferenceNew: true,
    reference: { path: "data/reference/tests/v1/test_reference.parquet" },
  };
  const rest = {
    runId: "r1",
    results: { split },
    options: { promote: true, push: false },
    signal: new AbortController().signal,
    report: () => undefined,
  };
  return { core, project, configs, ...rest };
}

it("versions the master table, the folders of its file columns, the split and the reference test", async () => {
  const root = versionedProject("stage");
  writeFileSync(path.join(root, "data/table.csv"), "id,image\n1,data/images/1/1.bin\n2,data/images/2/2.bin\n");
  const context = contextOf(root, "data/table.csv");
  const result: VersionResult = versionResultSchema.parse(await versionStage(context));
  expect(result.master.map((one) => one.path)).toEqual(["data/table.csv", "data/images/1", "data/images/2"]);
  expect(result).toMatchObject({
    split: { path: "data/splits/v1", dvcFile: "data/splits/v1.dvc", files: 2, sizeBytes: 2_020_000 },
    reference: { dvcFile: "data/reference/tests/v1/test_reference.parquet.dvc", files: 1 },
    pushed: false,
  });
  expect(await versionStage(context)).toEqual(result);
});

it("versions each file of a glob by itself", async () => {
  const root = versionedProject("glob");
  mkdirSync(path.join(root, "data/parts"));
  const context = contextOf(root, "data/parts/*.parquet");
  const configs = { dataContract: { value: { columns: {} } } };
  for (const part of ["b", "a"]) writeFileSync(path.join(root, `data/parts/${part}.parquet`), part);
  const result = await versionStage({ ...context, configs });
  expect(result.master.map((one) => one.dvcFile)).toEqual(["data/parts/a.parquet.dvc", "data/parts/b.parquet.dvc"]);
});
