import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { foldersOf, readFileColumns } from "./file-columns.ts";

it("finds the folders of the files that a table names, nested fields included", async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "file-columns-"));
  const master = path.join(root, "m.jsonl");
  writeFileSync(
    master,
    '{"image": "data/i/a.png", "extra": {"sound": "data/s/x/1.wav"}}\n{"image": null, "extra": {"sound": "data/s/2.wav"}}\n',
  );
  const request = { master: [master], columns: ["image", "extra.sound"], tempDirectory: path.join(root, "tmp") };
  const files = await readFileColumns(request);
  expect(files.toSorted()).toEqual(["data/i/a.png", "data/s/2.wav", "data/s/x/1.wav"]);
  expect(foldersOf(files)).toEqual(["data/i", "data/s"]);
  expect(await readFileColumns({ ...request, columns: [] })).toEqual([]);
});

it("refuses files that aren't in a folder of the project", () => {
  for (const file of ["a.png", "../x/a.png", "/x/a.png", "data/../../a.png"])
    expect(() => foldersOf([file])).toThrow(/isn't in a folder below the project/);
});
