import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { sql, writeMaster } from "../../../test/support/split-project.ts";
import { testPlace } from "../../../test/support/test-place.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { recordReferenceRead } from "./reference/reference-reads.ts";
import { splitStage } from "./split-stage.ts";

/** Twenty shops on fifty days, in two regions. */
const days = `SELECT 'shop ' || (i % 20) AS shop, TIMESTAMP '2024-01-01' + to_days((i // 20)::INTEGER) AS day, (hash(i * 3) % 1000) / 7.0::DOUBLE AS area, (hash(i * 5) % 50)::INTEGER AS staff, ['north', 'south'][1 + i % 2] AS region, (hash(i * 11) % 10)::DOUBLE AS returns, (hash(i * 9) % 1000) / 10.0::DOUBLE AS sales FROM range(1000) t(i)`;

let app: ProjectApp;
const inProject = (...names: string[]) => path.join(app.core.projectDir, ...names);

beforeEach(async () => {
  app = projectApp(plainProject());
  await writeMaster(app.core.projectDir, days);
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

/** Makes the active split as a run's first stage does. */
async function makeSplit() {
  const { core } = app;
  return await splitStage({
    ...{ core, project: core.project(), configs: await core.configs.resolve({}) },
    ...{ place: testPlace(), node: core.node, signal: new AbortController().signal, report: () => undefined },
  });
}

describe("a split that was made", () => {
  it("is shown from its manifest: the table, every part with its rows and digests, and the reads of its reference", async () => {
    const made = await makeSplit();
    const shown = await app.call("splits.show", {});
    expect(shown).toMatchObject({
      ...{ splitVersion: 1, dataContractVersion: 1, strategy: "group_hash", salt: "shops/v1", referenceReads: 0 },
      master: { path: "data/master.parquet", sha256: made.masterSha256, rows: 1_000 },
      ...{ rowCounts: made.rowCounts, skipped: [], warnings: made.warnings, checks: made.checks },
    });
    expect(shown.parts.map(({ part }) => part)).toEqual([
      ...["train", "reference", "recent", "by_region__north", "by_region__south"],
    ]);
    const rowsOf = new Map(shown.parts.map(({ part, rows }) => [part, rows]));
    for (const { part, path: name, rows, sha256 } of shown.parts) {
      const counted = await sql(`SELECT count(*)::INTEGER AS n FROM '${inProject(name)}'`);
      expect([part, counted[0]?.n]).toEqual([part, rows]);
      expect(sha256).toBe(fileDigest(inProject(name)));
    }
    expect((rowsOf.get("train") ?? 0) + (rowsOf.get("reference") ?? 0)).toBe(1_000);
    expect((rowsOf.get("by_region__north") ?? 0) + (rowsOf.get("by_region__south") ?? 0)).toBe(rowsOf.get("reference"));
    const { paths } = app.core.project();
    recordReferenceRead(paths, { at: "now", runId: "r", purpose: "evaluate", sha256: made.reference.sha256 });
    expect(await app.call("splits.show", { version: 1 })).toEqual({ ...shown, referenceReads: 1 });
  });

  it("is looked at, and tried again, without a changed file or row", async () => {
    await makeSplit();
    const before = contentsOf(app);
    const shown = await app.call("splits.show", {});
    expect(await app.call("splits.check", {})).toEqual(shown);
    expect(contentsOf(app)).toEqual(before);
  });

  it("isn't there before a run has made it, whichever version is asked for", async () => {
    await expect(app.call("splits.show", {})).rejects.toMatchObject({
      code: "splits/not-found",
      details: { splitVersion: 1 },
    });
    await expect(app.call("splits.show", { version: 7 })).rejects.toMatchObject({ details: { splitVersion: 7 } });
  });

  it("is of no version where the active one has no file", async () => {
    rmSync(inProject("configs/splits/v1.yaml"));
    await expect(app.call("splits.show", {})).rejects.toMatchObject({ code: "configs/version-not-found" });
  });
});

describe("trying a split", () => {
  it("answers what the run would make, to the byte, and keeps none of it", async () => {
    const before = contentsOf(app);
    const tried = await app.call("splits.check", {});
    expect(contentsOf(app)).toEqual(before);
    expect(existsSync(inProject("data/splits"))).toBe(false);
    expect(readdirSync(inProject(".signalbox/cache")).filter((name) => name.includes("tried"))).toEqual([]);
    await makeSplit();
    expect(await app.call("splits.show", {})).toEqual(tried);
  });

  it("names a version that isn't there, and a table that isn't", async () => {
    await expect(app.call("splits.check", { featureVersion: 9 })).rejects.toMatchObject({
      code: "configs/version-not-found",
    });
    rmSync(inProject("data/master.parquet"));
    await expect(app.call("splits.check", {})).rejects.toMatchObject({ code: "splits/master-missing" });
  });

  it("names the columns in which the table breaks its contract", async () => {
    await writeMaster(
      app.core.projectDir,
      `SELECT * REPLACE (CASE WHEN staff = 7 THEN NULL ELSE staff END AS staff) FROM (${days})`,
    );
    await expect(app.call("splits.check", {})).rejects.toMatchObject({
      code: "splits/contract-violated",
      message: expect.stringContaining("staff"),
    });
    expect(existsSync(inProject("data/splits"))).toBe(false);
  });
});
