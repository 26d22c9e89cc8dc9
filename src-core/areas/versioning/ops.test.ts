import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { filesOf, versionedProject } from "../../../test/support/versioned-project.ts";
import { versioningOperations } from "../../contract/versioning.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { restoreFromCache } from "./cache/restore-from-cache.ts";
import { versioningOps } from "./ops.ts";

const context = { signal: new AbortController().signal, report: () => undefined };
const table = "data/master.parquet";

async function added(name: string) {
  const root = versionedProject(name);
  const ops = versioningOps(bareCore(root));
  const result = await ops["data.add"]({ paths: [table, "data/splits/v1"] }, context);
  versioningOperations["data.add"].output.parse(result);
  const statuses = async () => {
    const { outputs } = await ops["data.status"]({ paths: [] }, context);
    return Object.fromEntries(outputs.map(({ path: file, status }) => [file, status]));
  };
  return { root, ops, result, statuses };
}

it("adds, reports what changed, and restores what was deleted byte for byte", async () => {
  const { root, ops, result, statuses } = await added("ops");
  expect(result.outputs.map((output) => [output.path, output.isChanged, output.files])).toEqual([
    [table, true, 1],
    ["data/splits/v1", true, 2],
  ]);
  expect((await ops["data.add"]({ paths: [table] }, context)).outputs[0]?.isChanged).toBe(false);
  expect(await statuses()).toEqual({ [table]: "unchanged", "data/splits/v1": "unchanged" });
  const before = filesOf(root);
  rmSync(path.join(root, table));
  rmSync(path.join(root, "data/splits/v1"), { recursive: true });
  expect(await statuses()).toEqual({ [table]: "deleted", "data/splits/v1": "deleted" });
  await ops["data.checkout"]({ paths: [], force: false }, context);
  expect(filesOf(root)).toEqual(before);
});

it("sees a change that keeps size and time of modification", async () => {
  const { root, statuses } = await added("same-size");
  const file = path.join(root, "data/splits/v1/train.parquet");
  await statuses();
  const { atime, mtime } = statSync(file);
  const bytes = readFileSync(file);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  utimesSync(file, atime, mtime);
  expect((await statuses())["data/splits/v1"]).toBe("modified");
});

it("doesn't overwrite a change that was never versioned, unless forced", async () => {
  const { root, ops } = await added("overwrite");
  const before = filesOf(root);
  writeFileSync(path.join(root, table), "precious");
  writeFileSync(path.join(root, "data/splits/v1/new.txt"), "precious too");
  for (const file of [table, "data/splits/v1"]) {
    await expect(ops["data.checkout"]({ paths: [file], force: false }, context)).rejects.toMatchObject({
      code: "versioning/would-overwrite",
    });
  }
  expect(readFileSync(path.join(root, table), "utf8")).toBe("precious");
  await ops["data.checkout"]({ paths: [], force: true }, context);
  expect(filesOf(root)).toEqual(before);
});

it("restores one file or folder of a project for the stages, and reports what is missing", async () => {
  const { root } = await added("restore");
  const before = filesOf(root);
  rmSync(path.join(root, "data/splits/v1/train.parquet"));
  await restoreFromCache(projectPaths(root), "data/splits/v1/train.parquet");
  rmSync(path.join(root, table));
  await restoreFromCache(projectPaths(root), path.join(root, table));
  expect(filesOf(root)).toEqual(before);
  await expect(restoreFromCache(projectPaths(root), "data/none")).rejects.toMatchObject({
    code: "versioning/not-tracked",
  });
  rmSync(path.join(root, table));
  rmSync(path.join(root, ".dvc/cache"), { recursive: true });
  await expect(restoreFromCache(projectPaths(root), table)).rejects.toMatchObject({
    code: "versioning/object-missing",
  });
});

it("pushes to and pulls from a folder, and accepts no damaged object from it", async () => {
  const { root, ops } = await added("push");
  const store = mkdtempSync(path.join(os.tmpdir(), "store-"));
  await expect(ops["data.push"]({ paths: [] }, context)).rejects.toMatchObject({ code: "versioning/no-remote" });
  writeFileSync(
    path.join(root, ".dvc/config"),
    `[core]\nremote = s\n['remote "s"']\nurl = ${store}\n['remote "h"']\nurl = ssh://host/x\n`,
  );
  await expect(ops["data.push"]({ paths: [], remote: "h" }, context)).rejects.toMatchObject({
    code: "versioning/remote-unsupported",
  });
  expect(await ops["data.push"]({ paths: [] }, context)).toMatchObject({ remote: "s", objects: 4 });
  expect(await ops["data.push"]({ paths: [] }, context)).toMatchObject({ objects: 0 });
  const before = filesOf(root);
  rmSync(path.join(root, ".dvc/cache"), { recursive: true });
  rmSync(path.join(root, table));
  expect(await ops["data.pull"]({ paths: [], force: false }, context)).toMatchObject({ objects: 4 });
  expect(filesOf(root)).toEqual(before);
  rmSync(path.join(root, ".dvc/cache"), { recursive: true });
  for (const object of Object.keys(filesOf(store)).filter((name) => !name.endsWith(".dir"))) {
    chmodSync(path.join(store, object), 0o644);
    writeFileSync(path.join(store, object), "damaged");
    chmodSync(path.join(store, object), 0o444);
  }
  await expect(ops["data.pull"]({ paths: [], force: false }, context)).rejects.toMatchObject({
    code: "versioning/object-corrupt",
  });
  expect(
    Object.keys(filesOf(path.join(root, ".dvc"))).filter((name) => name.startsWith("cache/") && !name.endsWith(".dir")),
  ).toEqual([]);
});

it("leaves a cloud remote to the user's dvc, and reports if there is none", async () => {
  const { root } = await added("cloud");
  writeFileSync(path.join(root, ".dvc/config"), `[core]\nremote = s\n['remote "s"']\nurl = s3://bucket/x\n`);
  const without = versioningOps(bareCore(root, { PATH: "/nowhere" }));
  await expect(without["data.push"]({ paths: [] }, context)).rejects.toMatchObject({
    code: "versioning/remote-unsupported",
  });
  const bin = mkdtempSync(path.join(os.tmpdir(), "bin-"));
  writeFileSync(path.join(bin, "dvc"), `#!/bin/sh\necho "$@" >> ${bin}/said\n`, { mode: 0o755 });
  const withIt = versioningOps(bareCore(root, { PATH: `${bin}:/bin:/usr/bin` }));
  expect(await withIt["data.push"]({ paths: [table] }, context)).toMatchObject({ remote: "s", objects: null });
  expect(readFileSync(path.join(bin, "said"), "utf8")).toBe(`push --quiet --remote s ${table}.dvc\n`);
});

it("git's configuration of the caller counts, as GIT_CONFIG_* and GIT_CONFIG_GLOBAL give it", async () => {
  const root = versionedProject("git-config");
  const rules = path.join(root, "rules");
  writeFileSync(rules, "*.parquet.dvc\n");
  writeFileSync(path.join(root, "global"), `[core]\n\texcludesFile = ${rules}\n`);
  const given: readonly NodeJS.ProcessEnv[] = [
    { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "core.excludesFile", GIT_CONFIG_VALUE_0: rules },
    { GIT_CONFIG_GLOBAL: path.join(root, "global") },
  ];
  for (const own of given)
    await expect(
      versioningOps(bareCore(root, { ...process.env, ...own }))["data.add"]({ paths: [table] }, context),
    ).rejects.toMatchObject({ code: "versioning/inside-ignored", message: expect.stringContaining(`${table}.dvc`) });
  await versioningOps(bareCore(root))["data.add"]({ paths: [table] }, context);
});
