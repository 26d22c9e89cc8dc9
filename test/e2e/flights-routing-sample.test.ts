import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadProject } from "../../src-core/areas/configs/project.ts";
import { readConfig } from "../../src-core/areas/configs/read/read-config.ts";
import { resolveConfigs } from "../../src-core/areas/configs/resolve.ts";
import { defaultPolicy, horizonTier } from "../../src-core/areas/routing/policy/policy.ts";
import { valueAt } from "../../src-core/areas/routing/policy/policy-keys.ts";
import { loadRoutingPolicy } from "../../src-core/areas/routing/policy/routing-policy.ts";
import { resolveTargets } from "../../src-core/areas/routing/policy/targets.ts";
import { dataContractSchema } from "../../src-core/contract/configs/data-contract.ts";
import { projectConfigSchema } from "../../src-core/contract/configs/project-config.ts";
import { count, type Duck, openDuck } from "../../src-core/foundation/duck/open.ts";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";

const sample = path.join(appRoot, "fixtures/samples/flights-routing");
const master = `'${path.join(sample, "data/master.parquet")}'`;
const project = loadProject(sample);

let folder: string;
let duck: Duck;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-routing-sample-"));
  duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
});
afterAll(() => {
  duck?.close();
  rmSync(folder, { recursive: true, force: true });
});

function targets() {
  return resolveTargets(
    readConfig(sample, "signalbox.yaml", projectConfigSchema),
    readConfig(sample, "configs/data_contracts/v1.yaml", dataContractSchema),
  );
}

describe("the routing sample's configuration", () => {
  it("has at least four targets, of both kinds and over two horizons, one of them with a second stage", () => {
    const found = targets();
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(new Set(found.map(({ task }) => task))).toEqual(new Set(["regression", "binary"]));
    expect(new Set(found.map(({ horizonMinutes }) => horizonTier(horizonMinutes)))).toEqual(
      new Set(["short", "medium"]),
    );
    const staged = found.filter(({ families }) => families.some(({ stage }) => stage === 2));
    expect(staged.map(({ name }) => name)).toEqual(["time_made_up"]);
  });

  it("is valid for each target, with the gate and the families of its task", () => {
    for (const target of targets()) {
      const configs = resolveConfigs({ project, gate: { file: target.promotion, task: target.task } });
      expect(configs.promotion.path).toBe(target.promotion);
    }
  });

  it("has a second feature schema without the aircraft", () => {
    const columns = (feature_version: number) =>
      JSON.stringify(resolveConfigs({ project, overrides: { feature_version } }).feature.value);
    expect(columns(1)).toMatch(/tailnum/);
    expect(columns(2)).not.toMatch(/tailnum|aircraft/);
  });

  it("deviates from the default policy only with a reason in a comment", () => {
    const { policy, origins, file } = loadRoutingPolicy(project.paths, readConfig);
    const lines = readFileSync(path.join(sample, file ?? ""), "utf8").split("\n");
    const written = Object.entries(origins).filter(([key, origin]) => origin !== "default" && key !== "version");
    expect(written.length).toBeGreaterThan(0);
    for (const [key, origin] of written) {
      expect(valueAt(policy, key), `${key} is the default`).not.toEqual(valueAt(defaultPolicy(), key));
      const line = lines[Number(origin.split(":").at(-1)) - 1];
      expect(line, `${key} has no reason in a comment`).toMatch(/ # \S/);
    }
  });
});

describe("the routing sample's table", () => {
  it("has every flight of the quarter once, including cancelled ones, and is small", async () => {
    const { key, rows, cancelled } = await duck.row(
      `SELECT count(*) AS rows, count(DISTINCT (time_hour, carrier, flight)) AS key, count_if(cancelled) AS cancelled FROM ${master}`,
    );
    expect([count(rows), count(key), count(cancelled)]).toEqual([80_789, 80_789, 2_643]);
    expect(statSync(path.join(sample, "data/master.parquet")).size).toBeLessThan(3_000_000);
  });

  it("has sixteen carriers, from 13,954 flights of UA down to a single one of OO", async () => {
    const rows = await duck.rows(`SELECT carrier, count(*) AS flights FROM ${master} GROUP BY 1 ORDER BY 2 DESC`);
    expect(rows).toHaveLength(16);
    expect(rows.at(0)).toMatchObject({ carrier: "UA", flights: 13_954n });
    expect(rows.at(-1)).toMatchObject({ carrier: "OO", flights: 1n });
  });

  it("computes every target, null for flights that never got so far", async () => {
    const known = async (sql: string) => count((await duck.row(`SELECT count(${sql}) AS known FROM ${master}`)).known);
    const expected = { arr_delay: 77_911, late: 77_911, time_made_up: 77_911, cancelled: 80_789 };
    for (const target of targets())
      expect({ [target.name]: await known(target.sql ?? target.column) }).toEqual({
        [target.name]: expected[target.name as keyof typeof expected],
      });
  });

  it("shows by a missing tail number that a flight was cancelled", async () => {
    const rows = await duck.rows(
      `SELECT carrier FROM ${master} WHERE tailnum IS NULL GROUP BY 1 HAVING count(*) >= 20 ORDER BY 1`,
    );
    expect(rows.map(({ carrier }) => carrier)).toEqual(["9E", "AA", "UA", "US"]);
    const { flights, cancelled } = await duck.row(
      `SELECT count(*) AS flights, count_if(cancelled) AS cancelled FROM ${master} WHERE tailnum IS NULL`,
    );
    expect([count(flights), count(cancelled)]).toEqual([841, 841]);
  });

  it("names its source with the figures of the table", async () => {
    const source = readFileSync(path.join(sample, "data/SOURCE.md"), "utf8");
    const rows = await duck.rows(
      `SELECT carrier, count(*) AS flights, count_if(cancelled) AS cancelled, count_if(tailnum IS NULL) AS untailed FROM ${master} GROUP BY 1`,
    );
    for (const { carrier, flights, cancelled, untailed } of rows)
      expect(source).toContain(
        `| ${carrier} | ${Number(flights).toLocaleString("en-US")} | ${Number(cancelled)} | ${Number(untailed)} |`,
      );
  });

  it("consists only of files that init copies", () => {
    expect(readdirSync(path.join(sample, "data")).toSorted()).toEqual(["SOURCE.md", "master.parquet"]);
  });
});
