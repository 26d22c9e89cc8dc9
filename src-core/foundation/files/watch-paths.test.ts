import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { watchPaths } from "./watch-paths.ts";

let root: string;
let told: string[][];
let stop: () => void;
const at = (...names: string[]) => path.join(root, ...names);

beforeEach(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), "sb-watch-"));
  mkdirSync(at("configs", "splits"), { recursive: true });
  writeFileSync(at("project.yaml"), "a");
  told = [];
  stop = watchPaths({
    root,
    watched: [
      { name: "project.yaml", marks: ["project"] },
      { name: "configs", marks: ["configs"] },
      { name: "later", marks: ["later"] },
    ],
    onChange: (marks) => told.push([...marks].toSorted()),
    quietMs: 40,
  });
  await pause(50);
});
afterEach(() => {
  stop();
  rmSync(root, { recursive: true, force: true });
});

const next = async (change: () => void) => {
  told.length = 0;
  change();
  await expect.poll(() => told.length, { timeout: 3000 }).toBeGreaterThan(0);
  await pause(80);
  return told.flat();
};

test("an edit below a folder is told as that folder's, several at once only once", async () => {
  const seen = await next(() => {
    for (const name of ["v1.yaml", "v2.yaml"]) writeFileSync(at("configs", "splits", name), "x");
  });
  expect(seen).toEqual(["configs"]);
});

test("a file that an editor replaces by another is told, and so is the next edit of it", async () => {
  for (const text of ["b", "c"]) {
    const seen = await next(() => {
      writeFileSync(at("project.yaml~"), text);
      renameSync(at("project.yaml~"), at("project.yaml"));
    });
    expect(seen).toContain("project");
  }
});

test("a folder that is made later is watched from then on", async () => {
  expect(await next(() => mkdirSync(at("later")))).toEqual(["later"]);
  expect(await next(() => writeFileSync(at("later", "x"), ""))).toEqual(["later"]);
});

test("what isn't watched, and what a writer of ours puts beside a file, is not told", async () => {
  writeFileSync(at("other.txt"), "x");
  writeFileSync(at("configs", ".v1.yaml.signalbox-tmp-1-2-3"), "x");
  await pause(150);
  expect(told).toEqual([]);
});

test("a root that isn't there is no failure", () => {
  watchPaths({ root: at("nowhere"), watched: [{ name: "x", marks: [1] }], onChange: () => undefined })();
});
