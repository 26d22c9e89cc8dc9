import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { operations } from "../../src-core/contract/index.ts";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";
import { calledOperations } from "../layers/operation-calls.ts";
import { recordedFolder } from "./files.ts";
import { leftOut } from "./left-out.ts";
import { type Recording, recordingGaps } from "./recording-gaps.ts";

const scenario = "scripts/recorded-outputs/scenario.ts";

it("includes every operation, or a reason against it", () => {
  const gaps = recordingGaps({
    operations: Object.keys(operations),
    called: calledOperations(scenario, readFileSync(path.join(appRoot, scenario), "utf8")),
    files: readdirSync(recordedFolder),
    leftOut,
  });
  expect(gaps).toEqual([]);
});

const complete: Recording = {
  operations: ["runs.start", "runs.list", "environment.list"],
  called: new Set(["runs.start", "runs.list"]),
  files: ["runs.list.json", "runs.start.dry-run.json"],
  leftOut: { "environment.list": "describes the machine" },
};

it("names an operation that isn't called, one without a file and one that no longer exists, each with the next step", () => {
  expect(recordingGaps(complete)).toEqual([]);
  const gaps = recordingGaps({
    ...complete,
    operations: [...complete.operations, "data.new"],
    files: ["runs.list.json", "runs.gone.json"],
  });
  expect(gaps).toEqual([
    "runs.start has no file in fixtures/outputs: run `node scripts/record-outputs.ts`.",
    "data.new isn't recorded: call it in scripts/recorded-outputs/scenario.ts, then run `node scripts/record-outputs.ts`; or give a reason in scripts/recorded-outputs/left-out.ts.",
    "fixtures/outputs has a file of runs.gone, which is no operation: run `node scripts/record-outputs.ts`.",
  ]);
});

it("refuses an exception for an operation that is recorded", () => {
  expect(recordingGaps({ ...complete, leftOut: { ...complete.leftOut, "runs.list": "slow" } })).toEqual([
    "runs.list is recorded, so remove it from scripts/recorded-outputs/left-out.ts.",
  ]);
});
