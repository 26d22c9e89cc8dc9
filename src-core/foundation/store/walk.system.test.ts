import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";

import { hashBatch } from "./store-files.ts";
import { walkFolder } from "./walk.ts";
import { factOf, filesOf, fingerprintOf } from "./walk-files.ts";

function folderOf(files: number): string {
  const root = mkdtempSync(path.join(os.tmpdir(), "walk-"));
  mkdirSync(path.join(root, "inner/.dvc"), { recursive: true });
  for (let index = 0; index < files; index += 1) writeFileSync(path.join(root, "inner", `${index}`), `${index}`);
  writeFileSync(path.join(root, "inner/.dvc/left-out"), "");
  symlinkSync("0", path.join(root, "inner/link"));
  symlinkSync("inner", path.join(root, "link-to-folder"));
  return root;
}

it.each([
  ["one thread", 100, 0],
  ["two threads, the second one late", 6_000, 0],
  ["two threads from the start", 6_000, 6_000],
])("a walk on %s finds every file and link to a file with its facts", async (_name, count, expectedFiles) => {
  const root = folderOf(count);
  const walk = await walkFolder({ root, expectedFiles });
  const names = [...Array.from({ length: count }, (_, index) => `inner/${index}`), "inner/link"].toSorted();
  const files = filesOf(walk).toSorted((a, b) => (a.relpath < b.relpath ? -1 : 1));
  expect(files).toEqual(names.map((relpath) => ({ relpath, ...factOf(statSync(path.join(root, relpath))) })));
  rmSync(root, { recursive: true });
});

it("a fingerprint stays while nothing changes and differs after a change of one file", async () => {
  const root = folderOf(100);
  const print = async () => fingerprintOf(await walkFolder({ root, expectedFiles: 0 }));
  const before = await print();
  expect(await print()).toBe(before);
  utimesSync(path.join(root, "inner/50"), 1, 1);
  expect(await print()).not.toBe(before);
});

it("a file that changed between the walk and the reading is refused", async () => {
  const file = path.join(folderOf(1), "inner/0");
  const batch = { files: [file], sizes: [2], hashName: "md5", staging: null } as const;
  await expect(hashBatch(batch, () => undefined)).rejects.toMatchObject({ code: "versioning/changed-while-reading" });
});
