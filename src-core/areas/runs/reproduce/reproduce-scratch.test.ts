import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { testPlace } from "../../../../test/support/test-place.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { releaseRun } from "../record/owner.ts";
import { closeScratch, openScratch, removeDeadScratch, type Scratch } from "./reproduce-scratch.ts";

let root: string;
const place = testPlace();
const paths = () => projectPaths(root);

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-scratch-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The folder of a process that is gone: its owner's file is there, and nobody holds its lock. */
function orphan(scratch: Scratch): Scratch {
  const file = path.join(scratch.folder, "owner.json");
  const text = readFileSync(file, "utf8");
  releaseRun(scratch.folder);
  writeFileSync(file, text);
  return scratch;
}

it("removes the folder of a dead reproduction, but not that of a live one or one to be kept", async () => {
  const live = openScratch(paths(), "aaaa1111");
  const kept = openScratch(paths(), "aaaa1111");
  closeScratch(kept, true);
  const dead = orphan(openScratch(paths(), "aaaa1111"));
  expect(await removeDeadScratch({ paths: paths(), place })).toEqual([path.basename(dead.folder)]);
  expect([live, kept, dead].map(({ folder }) => existsSync(folder))).toEqual([true, true, false]);
});

it("removes its own folder at the end", () => {
  const scratch = openScratch(paths(), "aaaa1111");
  closeScratch(scratch, false);
  expect(existsSync(scratch.folder)).toBe(false);
});

it("ends the job that a dead repetition left running before it takes its folder away", async () => {
  const dead = orphan(openScratch(paths(), "aaaa1111"));
  const folder = path.join(projectPaths(dead.project).runs, "aaaa1111", "train");
  const request = {
    jobId: "train",
    runId: "aaaa1111",
    kind: "train",
    folder,
    argv: ["/bin/sh", "-c", `echo $$ > '${path.join(root, "pid")}'; sleep 60`] as const,
    env: {},
    inputs: [],
    expectedOutputs: [],
  };
  await place.start(request);
  while (!existsSync(path.join(root, "pid"))) await pause(20);
  await removeDeadScratch({ paths: paths(), place }, 500);
  expect(existsSync(dead.folder)).toBe(false);
  const pid = Number(readFileSync(path.join(root, "pid"), "utf8"));
  expect(() => process.kill(pid, 0)).toThrow();
});
