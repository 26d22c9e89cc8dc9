import { hash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { initDvc } from "../../src-core/areas/versioning/init-dvc.ts";
import { gitFolder } from "./real-dvc.ts";

/** A project with all inputs of the version stage, whose bytes follow from their names. */
export function versionedProject(name: string): string {
  const root = gitFolder(name);
  initDvc(root, { isNoScm: false });
  writeFileSync(path.join(root, "signalbox.yaml"), "version: 2\n");
  const put = (file: string, sizeBytes: number) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), Buffer.alloc(sizeBytes, hash("md5", file)));
  };
  put("data/master.parquet", 5_000_000);
  for (let index = 0; index < 200; index += 1) put(`data/images/${index % 7}/${index}.bin`, 1_000 + index);
  put("data/splits/v1/train.parquet", 2_000_000);
  put("data/splits/v1/optional_tests/recent.parquet", 20_000);
  put("data/reference/tests/v1/test_reference.parquet", 300_000);
  return root;
}

/** Mode and md5 of every file except git's and caches, including leftovers of killed writers. */
export function filesOf(root: string): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()) {
    if (/^(\.git|\.dvc\/tmp|\.signalbox)(\/|$)/.test(file)) continue;
    const stats = statSync(path.join(root, file));
    if (stats.isFile())
      all[file] = `${(stats.mode & 0o777).toString(8)} ${hash("md5", readFileSync(path.join(root, file)))}`;
  }
  return all;
}
