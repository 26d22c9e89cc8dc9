import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { PlanMember, PlanRun } from "../../contract/routing/plan-run.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { compositeParts } from "./composite.ts";

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
function contextOf(
  planRun: Pick<PlanRun, "members" | "heldOut" | "family"> | undefined,
): Parameters<typeof compositeParts>[0] {
  const downloadFolder = async (it: {
    readonly runId: string;
    readonly artifactPath: string;
    readonly into: string;
  }) => {
    fetched.push(`${it.runId}/${it.artifactPath} into ${path.relative(root, it.into)}`);
  };
  return {
    ...{ runId: "0123456789abcdef", planRun, core: { projectDir: root }, report: () => undefined },
    ...{ tracking: { client: { downloadFolder } }, signal: new AbortController().signal },
  };
}
const family: PlanRun["family"] = { name: "net", type: "mlp", params: {}, seed: 1 };
const told = (index: number, name: string, expected: string) => ({
  model_dir: `inputs/members/${index}`,
  model_type: name,
  expected_digest: expected,
});

const heldOutPart = { ...heldOut, path: "inputs/held-out.parquet", from: path.join(root, heldOut.path) };
const part = (index: number, name: string) => ({
  path: `inputs/members/${index}`,
  from: path.join(root, "models", name),
  sha256: `digest of ${name}`,
});

describe("what the trainer is told of a composite", () => {
  test("is nothing for an ordinary training", async () => {
    const nothing = { spec: {}, parts: [] };
    expect(await compositeParts(contextOf(undefined))).toEqual(nothing);
    expect(await compositeParts(contextOf({ members: [], heldOut: null, family }))).toEqual(nothing);
  });

  test("is stage 1's model and its held-out predictions for stage 2", async () => {
    const members = [member("ridge", "stage_1")];
    expect(await compositeParts(contextOf({ members, heldOut, family }))).toEqual({
      spec: { stacking: { ...told(0, "ridge", "digest of ridge"), oof_path: "inputs/held-out.parquet" } },
      parts: [heldOutPart, part(0, "ridge")],
    });
  });

  test("is both members, the pooled one first, for an ensemble", async () => {
    const members = [member("ridge", "cross_sectional"), member("mlp", "symbol_specific")];
    expect(await compositeParts(contextOf({ members, heldOut, family: null }))).toEqual({
      spec: {
        ensemble: {
          members: [told(0, "ridge", "digest of ridge"), told(1, "mlp", "digest of mlp")],
          oof_path: "inputs/held-out.parquet",
        },
      },
      parts: [heldOutPart, part(0, "ridge"), part(1, "mlp")],
    });
    expect(fetched).toEqual([]);
  });
});

test("a member whose files are gone is fetched from its own run", async () => {
  await compositeParts(contextOf({ members: [member("gone", "stage_1")], heldOut, family }));
  expect(fetched).toEqual(["run-gone/model into models/gone"]);
});

test.each([
  ["missing", { ...heldOut, path: "nowhere.parquet" }],
  ["others now", { ...heldOut, sha256: "0".repeat(64) }],
  ["not named", null],
])("held-out predictions that are %s stop the training", async (_, other) => {
  const context = contextOf({ members: [member("ridge", "stage_1")], heldOut: other, family });
  await expect(compositeParts(context)).rejects.toMatchObject({
    code: "training/preflight",
    next: [{ operation: "routing.train", input: { fresh: true } }],
  });
});
