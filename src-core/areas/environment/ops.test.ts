import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { decisionBody } from "../../../test/support/decision-body.ts";
import { plainProject, projectId } from "../../../test/support/plain-project.ts";
import type { Core } from "../../foundation/context.ts";
import { type ProjectPaths, projectPaths } from "../../foundation/files/paths.ts";
import { configsOffer } from "../configs/offer.ts";
import { loadProject } from "../configs/project.ts";
import { appendEntry } from "../ledger/append.ts";
import { type OpenOptions, openTracking } from "../tracking/open.ts";
import { currentPlatform } from "./build/ensure.ts";
import { environmentDigest, locksOf, trainerFolder } from "./build/locks.ts";
import { supportedMinors } from "./build/pythons.ts";
import { environmentOps } from "./ops.ts";

let root: string;
let core: ReturnType<typeof bareCore>;
const context = { signal: new AbortController().signal, report: () => {} };
const old = new Date("2020-01-01T00:00:00Z");

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "environment-ops-"));
  const project = path.join(root, "project");
  mkdirSync(project);
  core = { ...bareCore(project), home: path.join(root, "home") };
});
afterEach(() => {
  core.catalogue().close();
  rmSync(root, { recursive: true, force: true });
});

function putEnvironment(digest: string, lastUsed: Date): string {
  const folder = path.join(core.home, "python", digest);
  mkdirSync(path.join(folder, "bin"), { recursive: true });
  const record = { version: 1, groups: [], python: "3.12.1", madeAt: lastUsed.toISOString() };
  writeFileSync(path.join(folder, "environment.json"), JSON.stringify(record));
  writeFileSync(path.join(folder, "package.py"), "x".repeat(1000));
  writeFileSync(path.join(folder, ".last-used"), "");
  utimesSync(path.join(folder, ".last-used"), lastUsed, lastUsed);
  return folder;
}

const aProject =
  (paths: ProjectPaths): Core["project"] =>
  () => ({
    paths,
    config: {
      version: 2,
      name: "p",
      id: projectId,
      type: "mlflow_model",
      task: "binary",
      master: "m",
      target: "t",
      register: "on_decision",
      trading_day_minutes: 1_440,
    },
    experiment: "e",
    registeredModel: "m",
  });

describe("env", () => {
  it("lists environments with their size and last use, without unfinished builds", async () => {
    putEnvironment("aaaa", old);
    mkdirSync(path.join(core.home, "python", "half"), { recursive: true });
    const { environments } = await environmentOps(core)["environment.list"]({}, context);
    expect(environments).toHaveLength(1);
    expect(environments[0]).toMatchObject({
      digest: "aaaa",
      lastUsedAt: old.toISOString(),
      isCurrent: false,
      isInUse: false,
    });
    expect(environments[0]?.sizeBytes).toBeGreaterThan(1000);
  });

  it("finds a group that stands already: its digest, its interpreter, and nothing is built", async () => {
    const [pythonMinor] = supportedMinors;
    const groups = ["lightgbm"];
    const locks = locksOf(trainerFolder, groups);
    const digest = environmentDigest({ locks, groups, pythonMinor, platform: currentPlatform() });
    const python = path.join(putEnvironment(digest, old), "bin", "python");
    writeFileSync(python, "");
    const said: unknown[] = [];
    const report = (progress: unknown) => void said.push(progress);
    const noTools = { ...core, env: { PATH: "" } };
    const added = await environmentOps(noTools)["environment.add"]({ group: "lightgbm" }, { ...context, report });
    expect(added).toEqual({ digest, python, groups: ["lightgbm"], wasThere: true });
    expect(said).toEqual([]);
  });

  it("knows its groups, and needs a Python to build one", async () => {
    const add = environmentOps({ ...core, env: { PATH: "" } })["environment.add"];
    await expect(add({ group: "lightgmb" }, context)).rejects.toMatchObject({
      code: "environment/unknown-group",
      hint: "Use one of lightgbm, xgboost, dev, dvc.",
    });
    expect(existsSync(core.home)).toBe(false);
    await expect(add({ group: "xgboost" }, context)).rejects.toMatchObject({ code: "environment/no-python" });
  });

  const removal = { allUnused: false, olderThan: "30d", yes: false };

  it("asks before it removes an environment", async () => {
    const folder = putEnvironment("aaaa", old);
    const remove = environmentOps(core)["environment.remove"];
    await expect(remove({ ...removal, digest: "aa" }, context)).rejects.toMatchObject({
      code: "cli/needs-answer",
      next: [{ operation: "environment.remove", input: { digest: "aaaa", yes: true }, answers: "instead" }],
    });
    expect(existsSync(folder)).toBe(true);
    const { items } = await remove({ ...removal, digest: "aa", yes: true }, context);
    expect(items).toMatchObject([{ path: folder, state: "freed" }]);
    expect(existsSync(folder)).toBe(false);
  });

  it("keeps one that a process is using", async () => {
    const folder = putEnvironment("aaaa", old);
    const program = path.join(folder, "bin", "wait.sh");
    writeFileSync(program, "read line\n");
    const child = spawn("/bin/sh", [program], { stdio: ["pipe", "ignore", "ignore"] });
    try {
      await expect(
        environmentOps(core)["environment.remove"]({ ...removal, digest: "aaaa", yes: true }, context),
      ).rejects.toMatchObject({ code: "environment/in-use" });
      const { items } = await environmentOps(core)["environment.remove"](
        { ...removal, allUnused: true, yes: true },
        context,
      );
      expect(items).toMatchObject([{ state: "kept", reason: "Python 3.12.1: in use now" }]);
    } finally {
      child.kill();
    }
    expect(existsSync(folder)).toBe(true);
  });

  it("doesn't choose between two matches, and refuses an unknown digest", async () => {
    putEnvironment("aaaa", old);
    putEnvironment("aabb", old);
    const remove = environmentOps(core)["environment.remove"];
    for (const digest of ["aa", "cc"])
      await expect(remove({ ...removal, digest }, context)).rejects.toMatchObject({ code: "environment/not-found" });
    await expect(remove(removal, context)).rejects.toMatchObject({ code: "cli/usage" });
  });
});

describe("gc", () => {
  function putOld(...parts: readonly string[]): string {
    const file = path.join(core.projectDir, ".signalbox", ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "x".repeat(1000));
    let at = file;
    for (; at !== core.projectDir; at = path.dirname(at)) utimesSync(at, old, old);
    return file;
  }

  function putRun(id: string, startedAt: number, status: "FINISHED" | "RUNNING"): string {
    core.catalogue().write((writer) => {
      writer.run(
        `INSERT INTO runs (run_id, run_number, name, experiment, status, fingerprint, split_version, feature_version, model_version,
         data_contract_version, started_at, params_json) VALUES (?, ?, ?, 'e', ?, 'f', 1, 1, 1, 1, ?, '{}')`,
        id,
        startedAt,
        id,
        status,
        startedAt,
      );
      writer.run("INSERT INTO stages (run_id, stage, state, started_at) VALUES (?, 'evaluate', 'finished', 1)", id);
    });
    return putOld("runs", id, "job", "outputs", "model.bin");
  }

  beforeEach(() => writeFileSync(projectPaths(core.projectDir).configFile, "version: 1\n"));

  it("shows what it would free, with sizes, and frees it with --yes", async () => {
    const environment = putEnvironment("aaaa", old);
    const cached = putOld("cache", "table.bin");
    const gc = environmentOps(core)["environment.collect"];
    const shown = await gc({ yes: false, olderThan: "30d" }, context);
    expect(shown.isDone).toBe(false);
    expect(shown.items.map(({ kind, state }) => [kind, state])).toEqual([
      ["environment", "to free"],
      ["cache", "to free"],
    ]);
    expect(shown.totalBytes).toBeGreaterThan(2000);
    expect(existsSync(environment) && existsSync(cached)).toBe(true);
    const done = await gc({ yes: true, olderThan: "30d" }, context);
    expect(done.totalBytes).toBe(shown.totalBytes);
    expect(existsSync(environment) || existsSync(cached)).toBe(false);
  });

  it("keeps what was used recently", async () => {
    const environment = putEnvironment("aaaa", new Date());
    const { items } = await environmentOps(core)["environment.collect"]({ yes: true, olderThan: "30d" }, context);
    expect(items).toMatchObject([{ state: "kept" }]);
    expect(existsSync(environment)).toBe(true);
  });

  it("frees outputs of old runs, and keeps those of the latest, of running ones and of former production", async () => {
    const promoted = putRun("promoted", 1, "FINISHED");
    const plain = putRun("plain", 2, "FINISHED");
    const running = putRun("running", 3, "RUNNING");
    const latest = putRun("latest", 4, "FINISHED");
    const log = putOld("runs", "plain", "job", "output.log");
    core.catalogue().write((writer) =>
      writer.run(
        `INSERT INTO decisions (ledger_index, run_id, model_name, model_version, kind, verdict, reason, actor, production_after, decided_at)
         VALUES (1, 'promoted', 'm', '1', 'decision', 'PROMOTE', 'r', 'a', '1', 1)`,
      ),
    );
    await environmentOps(core)["environment.collect"]({ yes: true, olderThan: "30d" }, context);
    expect([promoted, plain, running, latest, log].map((file) => existsSync(file))).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it("keeps the cache while an operation is running", async () => {
    const cached = putOld("cache", "table.bin");
    core
      .catalogue()
      .write((writer) =>
        writer.run(
          "INSERT INTO operations (id, operation, input_json, state, requested_at) VALUES ('o', 'x', '{}', 'running', 1)",
        ),
      );
    const { items } = await environmentOps(core)["environment.collect"]({ yes: true, olderThan: "1s" }, context);
    expect(items).toMatchObject([{ state: "kept", reason: "an operation is running" }]);
    expect(existsSync(cached)).toBe(true);
  });
});

describe("doctor", () => {
  it("checks the machine outside a project", async () => {
    const { checks } = await environmentOps(core)["environment.check"]({}, context);
    expect(checks.map((check) => check.name)).toEqual(["Node", "Python", "Disk", "git"]);
    expect(existsSync(core.home)).toBe(false);
    expect(checks[0]).toMatchObject({ state: "ok", found: expect.stringContaining(process.versions.node) });
  });

  it("reports a check that throws as a problem and runs the others; what is in an unreadable project isn't looked at", async () => {
    writeFileSync(projectPaths(core.projectDir).configFile, "version: 2\n");
    const { checks } = await environmentOps(core)["environment.check"]({}, context);
    expect(checks.map((check) => check.name)).toEqual(["Node", "Python", "Disk", "git", "Project"]);
    expect(checks.at(-1)).toMatchObject({ state: "problem" });
  });

  it("reports a ledger cut in the middle of an entry, and a tracking server that is down", async () => {
    const paths = projectPaths(core.projectDir);
    writeFileSync(paths.configFile, "version: 1\n");
    mkdirSync(path.dirname(paths.ledgerFile), { recursive: true });
    writeFileSync(paths.ledgerFile, '{"index":1}\n{"ind');
    const named = {
      ...core,
      project: aProject(paths),
      env: { ...process.env, MLFLOW_TRACKING_URI: "http://127.0.0.1:9" },
    };
    const away = { ...named, tracking: (options: OpenOptions = {}) => openTracking(named, options) };
    const { checks } = await environmentOps(away)["environment.check"]({}, context);
    const of = (name: string) => checks.find((check) => check.name === name);
    expect(of("Ledger")).toMatchObject({ state: "problem", fix: expect.stringContaining("ledger verify") });
    expect(of("MLflow")).toMatchObject({ state: "problem", found: expect.stringContaining("doesn't respond") });
    expect(of("DVC")).toMatchObject({ state: "problem" });
    expect(of("Catalogue")).toMatchObject({ state: "ok" });
  });

  it("reports a ledger with a broken chain or missing entries, but not a complete one", async () => {
    const paths = projectPaths(core.projectDir);
    writeFileSync(paths.configFile, "version: 1\n");
    const place = { paths, catalogue: core.catalogue(), clock: { now: () => new Date("2026-01-02T03:04:05Z") } };
    for (const [runId, version] of [
      ["r1", "1"],
      ["r2", "2"],
    ] as const) {
      const alias = { before: null, after: version };
      const body = decisionBody({ runId, modelName: "m", version, alias, useStages: false });
      appendEntry(place, { kind: "decision", actor: "ada", body });
    }
    const check = async () => {
      const { checks } = await environmentOps({ ...core, project: aProject(paths) })["environment.check"]({}, context);
      return checks.find(({ name }) => name === "Ledger");
    };
    const whole = readFileSync(paths.ledgerFile, "utf8");
    expect(await check()).toMatchObject({ state: "ok", found: "2 entries, the chain is complete" });
    writeFileSync(paths.ledgerFile, whole.replace('"actor":"ada"', '"actor":"eve"'));
    expect(await check()).toMatchObject({ state: "problem", found: expect.stringMatching(/entry 1|line 1/i) });
    writeFileSync(paths.ledgerFile, `${whole.split("\n")[0]}\n`);
    expect(await check()).toMatchObject({ state: "problem", found: expect.stringMatching(/1 .*2|missing/) });
  });

  it("names a used version that was edited, and how to keep the edit and restore it", async () => {
    const project = plainProject();
    const bare = { ...bareCore(project), home: core.home, project: () => loadProject(project) };
    const there = { ...bare, configs: configsOffer(bare) };
    try {
      const check = async () => {
        const { checks } = await environmentOps(there)["environment.check"]({}, context);
        return checks.find(({ name }) => name === "Configurations");
      };
      await there.configs.freeze(await there.configs.resolve({}), "r1");
      expect(await check()).toMatchObject({ state: "ok" });
      const file = path.join(project, "configs/models/v1.yaml");
      writeFileSync(file, `${readFileSync(file, "utf8")}# an afterthought\n`);
      expect(await check()).toMatchObject({
        state: "problem",
        found: "configs/models/v1.yaml: changed or deleted after a run used it",
        actions: [
          { program: "cp" },
          {
            program: "cp",
            argv: ["configs/frozen/models/v1.yaml", "configs/models/v1.yaml"].map((it) => path.join(project, it)),
          },
        ],
      });
    } finally {
      there.catalogue().close();
      rmSync(project, { recursive: true, force: true });
    }
  });
});
