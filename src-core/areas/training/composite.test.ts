import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { PlanMember, PlanRun } from "../../contract/routing/plan-run.ts";
import type { StageContext } from "../../foundation/context.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { compositeSpec } from "./composite.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-composite-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

writeFileSync(path.join(root, "held_out.parquet"), "predictions");
const heldOut = { path: "held_out.parquet", sha256: fileDigest(path.join(root, "held_out.parquet")) };

function member(name: string, role: PlanMember["role"]): PlanMember {
  return { role, runId: `run-${name}`, modelType: name, modelDigest: `digest of ${name}`, modelDir: `models/${name}` };
}
for (const name of ["ridge", "mlp"]) {
  mkdirSync(path.join(root, "models", name), { recursive: true });
  writeFileSync(path.join(root, "models", name, "MLmodel"), "");
}

const fetched: string[] = [];
function contextOf(planRun: Partial<PlanRun> | undefined): StageContext {
  const downloadFolder = async (it: {
    readonly runId: string;
    readonly artifactPath: string;
    readonly into: string;
  }) => {
    fetched.push(`${it.runId}/${it.artifactPath} into ${path.relative(root, it.into)}`);
  };
  // The stage looks at no more of it.
  return {
    ...{ runId: "0123456789abcdef", planRun, core: { projectDir: root }, report: () => undefined },
    ...{ tracking: { client: { downloadFolder } }, signal: new AbortController().signal },
  } as unknown as StageContext;
}
const family: PlanRun["family"] = { name: "net", type: "mlp", params: {}, seed: 1 };
const told = (name: string, expected: string) => ({
  model_dir: path.join(root, "models", name),
  model_type: name,
  expected_digest: expected,
});

describe("what the trainer is told of a composite", () => {
  test("is nothing for an ordinary training", async () => {
    expect(await compositeSpec(contextOf(undefined))).toEqual({});
    expect(await compositeSpec(contextOf({ members: [], heldOut: null, family }))).toEqual({});
  });

  test("is stage 1's model and its held-out predictions for stage 2", async () => {
    const members = [member("ridge", "stage_1")];
    expect(await compositeSpec(contextOf({ members, heldOut, family }))).toEqual({
      stacking: { ...told("ridge", "digest of ridge"), oof_path: path.join(root, "held_out.parquet") },
    });
  });

  test("is both members, the pooled one first, for an ensemble", async () => {
    const members = [member("ridge", "cross_sectional"), member("mlp", "symbol_specific")];
    expect(await compositeSpec(contextOf({ members, heldOut, family: null }))).toEqual({
      ensemble: {
        members: [told("ridge", "digest of ridge"), told("mlp", "digest of mlp")],
        oof_path: path.join(root, "held_out.parquet"),
      },
    });
    expect(fetched).toEqual([]);
  });
});

test("a member whose files are gone is fetched from its own run", async () => {
  await compositeSpec(contextOf({ members: [member("gone", "stage_1")], heldOut, family }));
  expect(fetched).toEqual(["run-gone/model into models/gone"]);
});

test.each([
  ["missing", { ...heldOut, path: "nowhere.parquet" }],
  ["others now", { ...heldOut, sha256: "0".repeat(64) }],
  ["not named", null],
])("held-out predictions that are %s stop the training", async (_, other) => {
  const context = contextOf({ members: [member("ridge", "stage_1")], heldOut: other, family });
  await expect(compositeSpec(context)).rejects.toMatchObject({
    code: "training/preflight",
    next: [{ operation: "routing.train", input: { fresh: true } }],
  });
});
