import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeProject } from "../../../../test/support/made-project.ts";
import { candidate } from "../../../../test/support/routing-candidates.ts";
import { sql } from "../../../../test/support/split-project.ts";
import type { Core } from "../../../foundation/context.ts";
import { adoptCandidates } from "../candidates/adopt-candidates.ts";
import { readCandidates, writeCandidates } from "../candidates/candidate-files.ts";
import { readRoutingPlan } from "../decide/routing-inputs.ts";
import { importLegacy, readLegacyPlan } from "./import-legacy.ts";

let [root, old] = ["", ""];
let core: Pick<Core, "projectDir" | "project" | "clock">;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-import-"));
  old = path.join(root, "old");
  const projectDir = path.join(root, "project");
  core = { projectDir, project: () => madeProject(projectDir), clock: { now: () => new Date(0) } };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const paths = () => core.project().paths;
const needs = { targets: () => [] };
const imported = (isForced = false) => importLegacy(core, needs, { dir: old, isForced });

function put(name: string, text: string): void {
  const file = path.join(old, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function olderTable(score = "0.71"): Promise<void> {
  mkdirSync(path.join(old, "METRICS"), { recursive: true });
  await sql(
    `COPY (SELECT * FROM (VALUES ('late', NULL, ${score}, 'roc_auc', 'x'), ('late', 'UA', 0.6, 'roc_auc', 'y'), ('late', 'UA', 0.5, 'roc_auc', 'z')) t(target, symbol, score, metric_name, colour)) TO '${path.join(old, "METRICS/routing_candidates.parquet")}' (FORMAT parquet)`,
  );
}

const jobs = { jobs: [{ job_id: "a", target: "late", type: "cs", model_family: "ridge", owner: "me" }] };
async function olderLayout(): Promise<void> {
  await olderTable();
  put("CONFIG/training_config/routing_config.yaml", "routing:\n  use_ci_low: true\n  min_edge: 3\n");
  put(
    "METRICS/routing_plan/routing_plan.json",
    JSON.stringify({ targets: { late: { cs: { route: "ENABLED" }, x: 1 } } }),
  );
  put("METRICS/training_plan/master_training_plan.json", JSON.stringify(jobs));
}

describe("an older layout", () => {
  test("is copied to its current places, and what has none is named with file and key", async () => {
    await olderLayout();
    const { written, kept, unmapped, notes } = await imported();
    expect(written).toEqual([
      "metrics/routing/routing_candidates.parquet",
      "configs/routing.yaml",
      "metrics/routing/routing_plan.json",
    ]);
    expect(kept).toEqual([]);
    const keys = unmapped.map(({ file, key }) => `${file} ${key}`);
    expect(keys).toContain("METRICS/routing_candidates.parquet colour");
    expect(keys).toContain("CONFIG/training_config/routing_config.yaml routing.min_edge");
    expect(keys).toContain("METRICS/routing_plan/routing_plan.json targets.late.x");
    expect(keys).toContain("METRICS/training_plan/master_training_plan.json a.owner");
    // Of two rows with one key neither can be trusted.
    expect(keys.some((key) => key.includes("late/UA"))).toBe(true);
    expect(readFileSync(paths().routingFile, "utf8")).toContain("use_ci_low: true");
    expect(notes).toEqual([expect.stringContaining("holds 1 job; it wasn't imported: signalbox train --legacy-plan")]);
    expect(existsSync(paths().trainingPlan)).toBe(false);
  });

  test("keeps existing files unless told to replace them", async () => {
    await olderLayout();
    await imported();
    writeFileSync(paths().routingFile, "version: 1\n");
    const again = await imported();
    expect(again.written).toEqual([]);
    expect(again.kept).toHaveLength(3);
    expect(readFileSync(paths().routingFile, "utf8")).toBe("version: 1\n");
    expect((await imported(true)).written).toHaveLength(3);
    expect(readFileSync(paths().routingFile, "utf8")).toContain("use_ci_low");
  });

  test("may hold only a part of it", async () => {
    put("CONFIG/training_config/routing_config.yaml", "use_ci_low: true\n");
    expect(await imported()).toMatchObject({ written: ["configs/routing.yaml"], unmapped: [], notes: [] });
  });

  test("makes a routing plan that counts as stale here: it doesn't follow from this project", async () => {
    await olderLayout();
    await imported();
    expect(readRoutingPlan(paths().routing).metadata).toMatchObject({
      ...{ config_hash: "", candidates_hash: "", marks: ["imported"] },
    });
  });
});

describe("a folder that can't be imported", () => {
  test("doesn't exist, or has no such file", async () => {
    await expect(imported()).rejects.toMatchObject({ code: "files/not-found" });
    mkdirSync(old);
    await expect(imported()).rejects.toMatchObject({
      code: "routing/legacy-unknown",
      hint: expect.stringContaining("METRICS/routing_candidates.parquet"),
    });
  });

  test("contains a file that is neither JSON nor YAML", async () => {
    put("METRICS/routing_plan/routing_plan.json", '{"targets": [');
    await expect(imported()).rejects.toMatchObject({
      code: "routing/legacy-unknown",
      message: expect.stringContaining("routing_plan.json is neither JSON nor YAML"),
    });
  });
});

describe("an older training plan", () => {
  test("is read if it is named, as a folder or a file, and reports what it can't keep", () => {
    put("METRICS/training_plan/master_training_plan.json", JSON.stringify(jobs));
    for (const place of [
      "../old/METRICS/training_plan",
      path.join(old, "METRICS/training_plan/master_training_plan.json"),
    ]) {
      const { plan, notes } = readLegacyPlan(core, place);
      expect(plan.jobs.map(({ target, model_families }) => [target, model_families])).toEqual([["late", ["ridge"]]]);
      expect(plan.metadata.marks).toEqual(["legacy plan"]);
      expect(notes).toEqual([expect.stringContaining("a.owner of ")]);
    }
  });

  test("that isn't in the named place isn't searched elsewhere", () => {
    put("METRICS/training_plan/master_training_plan.json", JSON.stringify(jobs));
    expect(() => readLegacyPlan(core, "nowhere")).toThrow(expect.objectContaining({ code: "files/not-found" }));
  });
});

describe("a candidate table from anywhere", () => {
  const rows = [candidate(), candidate({ symbol: "UA" })];

  test("becomes the project's own and replaces any other", async () => {
    const routing = paths().routing;
    mkdirSync(routing, { recursive: true });
    writeFileSync(path.join(routing, "routing_candidates.csv"), "target,score\nlate,0.1\n");
    const file = path.join(root, "mine.csv");
    await writeCandidates(file, rows, "csv");
    const table = await readCandidates(file);
    await adoptCandidates(routing, table);
    expect(readdirSync(routing)).toEqual(["routing_candidates.parquet"]);
    const adopted = await readCandidates(path.join(routing, "routing_candidates.parquet"));
    expect(adopted.digest).toBe(table.digest);
  });

  test("that is already the project's own is unchanged", async () => {
    const routing = paths().routing;
    for (const format of ["csv", "parquet"] as const) {
      const file = path.join(routing, `routing_candidates.${format}`);
      mkdirSync(routing, { recursive: true });
      await writeCandidates(file, rows, format);
      await adoptCandidates(routing, await readCandidates(file));
      expect(readdirSync(routing)).toEqual([`routing_candidates.${format}`]);
      rmSync(routing, { recursive: true });
    }
  });

  test("is copied without its bad rows", async () => {
    const file = path.join(root, "mine.csv");
    writeFileSync(file, "target,symbol,score,metric_name\nlate,,0.7,roc_auc\nlate,UA,high,roc_auc\n");
    const table = await readCandidates(file);
    expect(table.bad).toHaveLength(1);
    await adoptCandidates(paths().routing, table);
    const adopted = await readCandidates(path.join(paths().routing, "routing_candidates.parquet"));
    expect([adopted.candidates.length, adopted.bad.length]).toEqual([1, 0]);
  });
});
