import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainFiles, plainProject } from "../../../../test/support/plain-project.ts";
import { AppError } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import { type Catalogue, openCatalogue } from "../../../foundation/catalogue/open.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { listVersions, repairs } from "../listing.ts";
import { loadProject } from "../project.ts";
import { resolveConfigs } from "../resolve.ts";
import { freeze } from "./freeze.ts";
import { parseFrozen, readFrozen, updateFrozen, withFrozenReference } from "./frozen.ts";

const modelFile = "configs/models/v1.yaml";

let root: string;
let paths: ProjectPaths;
let catalogue: Catalogue;
const now = new Date("2024-05-01T12:00:00Z");

beforeEach(() => {
  root = plainProject();
  paths = loadProject(root).paths;
  catalogue = openCatalogue(paths.catalogueFile);
});

afterEach(() => {
  catalogue.close();
  rmSync(root, { recursive: true, force: true });
});

const resolve = () => resolveConfigs({ project: loadProject(root) });
const use = (runId: string) => freeze({ paths, catalogue, now }, resolve(), runId);

const inProject = (file: string) => path.join(root, file);

/** Does what a hint says, as a person would, in whatever folder they are. */
function follow(steps: readonly NextStep[]): void {
  for (const step of steps) {
    if (!("program" in step)) throw new Error("not a program");
    const { status, stderr } = spawnSync(step.program, [...step.argv], { cwd: os.tmpdir(), encoding: "utf8" });
    expect(status, stderr).toBe(0);
  }
}

function failure(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a version that a run used", () => {
  it("is recorded with its digest in the tracked file and with its run in the catalogue", () => {
    use("run-1");
    const { model } = resolve();
    expect(readFrozen(paths).configs.model).toEqual({ "1": model.digest });
    expect(catalogue.get("SELECT * FROM config_versions WHERE kind = 'model'")).toEqual({
      kind: "model",
      version: 1,
      digest: model.digest,
      first_run_id: "run-1",
      frozen_at: now.getTime(),
    });
  });

  it("keeps its first run, and the file its bytes, when it is used again", () => {
    use("run-1");
    const before = readFileSync(paths.frozenFile, "utf8");
    use("run-2");
    expect(readFileSync(paths.frozenFile, "utf8")).toBe(before);
    expect(catalogue.get("SELECT first_run_id FROM config_versions WHERE kind = 'split'")).toEqual({
      first_run_id: "run-1",
    });
  });

  it.each([
    ["deleted", () => rmSync(path.join(root, modelFile))],
    ["no YAML any more", () => writeFileSync(path.join(root, modelFile), "a: [")],
  ])("that is %s is told as one that a run used, and the way back works", (_, damage) => {
    use("run-1");
    damage();
    const error = failure(resolve);
    expect(error).toMatchObject({ hint: expect.stringContaining("A run used this version") });
    follow(error.next ?? []);
    expect(resolve().model.version).toBe(1);
  });

  it("is known by the catalogue where the tracked file was lost", () => {
    use("run-1");
    rmSync(paths.frozenFile);
    writeFileSync(path.join(root, modelFile), `${plainFiles[modelFile]}# an afterthought\n`);
    const changed = listVersions(loadProject(root), catalogue).filter(({ isChanged }) => isChanged);
    expect(changed.map((it) => it.path)).toEqual([modelFile]);
  });

  it("is refused after its file was edited, with the next free number", () => {
    use("run-1");
    writeFileSync(path.join(root, "configs/models/v4.yaml"), plainFiles[modelFile] ?? "");
    writeFileSync(path.join(root, modelFile), `${plainFiles[modelFile]}# an afterthought\n`);
    const error = failure(resolve);
    expect(error.code).toBe("configs/version-changed");
    expect(error.message).toContain("configs/models/v1.yaml was changed after a run used it");
    expect(error.next).toMatchObject([
      { program: "cp", argv: ["configs/models/v1.yaml", "configs/models/v5.yaml"].map(inProject) },
      { program: "cp", argv: ["configs/frozen/models/v1.yaml", "configs/models/v1.yaml"].map(inProject) },
    ]);
    expect(error.details).toMatchObject({ nextVersion: 5 });
    follow(error.next ?? []);
    expect(resolve().model.version).toBe(1);
    expect(readFileSync(path.join(root, "configs/models/v5.yaml"), "utf8")).toContain("an afterthought");
  });

  it("is restored from git where its content isn't kept, or was edited as well", () => {
    use("run-1");
    writeFileSync(path.join(root, modelFile), `${plainFiles[modelFile]}# an afterthought\n`);
    writeFileSync(path.join(root, "configs/frozen/models/v1.yaml"), "model: {}\n");
    const [, restore] = failure(resolve).next ?? [];
    expect(restore).toMatchObject({ program: "git", argv: ["-C", root, "checkout", "--", "configs/models/v1.yaml"] });
  });

  it("keeps its content, for the list of versions to restore each by itself", () => {
    use("run-1");
    writeFileSync(path.join(root, "configs/models/v2.yaml"), `${plainFiles[modelFile]}# two\n`);
    const second = resolveConfigs({ project: loadProject(root), overrides: { model_version: 2 } });
    freeze({ paths, catalogue, now }, second, "run-2");
    for (const version of [1, 2])
      writeFileSync(path.join(root, `configs/models/v${version}.yaml`), `# edited ${version}\n`);
    rmSync(path.join(root, "configs/splits/v1.yaml"));
    const project = loadProject(root);
    follow(repairs(project, catalogue, listVersions(project, catalogue)));
    expect(listVersions(project, catalogue).filter(({ isChanged }) => isChanged)).toEqual([]);
    const text = (version: number) => readFileSync(path.join(root, `configs/models/v${version}.yaml`), "utf8");
    expect([text(3), text(4)]).toEqual(["# edited 1\n", "# edited 2\n"]);
  });

  it("is refused even if the tracked file lost its entry but the catalogue has it", () => {
    use("run-1");
    rmSync(paths.frozenFile);
    writeFileSync(path.join(root, modelFile), `${plainFiles[modelFile]}# an afterthought\n`);
    expect(failure(() => use("run-2")).code).toBe("configs/version-changed");
    expect(existsSync(paths.frozenFile)).toBe(false);
  });

  it("may be edited as long as no run used it", () => {
    writeFileSync(path.join(root, modelFile), `${plainFiles[modelFile]}# still a draft\n`);
    expect(resolve().model.version).toBe(1);
  });
});

describe("the file of what is frozen", () => {
  it("has one order, whatever the order of its entries", () => {
    const reference = { sha256: "a".repeat(64), row_digest: "b", rows: 3 };
    for (const version of [10, 2, 1])
      updateFrozen(paths, catalogue, (frozen) => withFrozenReference(frozen, version, reference));
    const text = readFileSync(paths.frozenFile, "utf8");
    expect(Object.keys(readFrozen(paths).references)).toEqual(["1", "2", "10"]);
    updateFrozen(paths, catalogue, (frozen) => ({ ...frozen, references: { ...frozen.references } }));
    expect(readFileSync(paths.frozenFile, "utf8")).toBe(text);
  });

  it("is refused if it is broken, not treated as empty", () => {
    expect(failure(() => parseFrozen("{", paths)).code).toBe("configs/syntax");
    expect(failure(() => parseFrozen('{"version": 2}', paths)).code).toBe("configs/invalid-value");
    const wrong = { version: 1, configs: { data_contract: {}, split: { one: "x" }, feature: {}, model: {} } };
    expect(failure(() => parseFrozen(JSON.stringify(wrong), paths)).next).toMatchObject([
      { program: "git", argv: ["-C", root, "checkout", "--", "configs/frozen.json"] },
    ]);
  });

  it("is unchanged if the change fails", () => {
    use("run-1");
    const before = readFileSync(paths.frozenFile, "utf8");
    expect(() =>
      updateFrozen(paths, catalogue, () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(readFileSync(paths.frozenFile, "utf8")).toBe(before);
  });

  it("loses no entry when two processes write at once", async () => {
    const program = `
      import { openCatalogue } from "./src-core/foundation/catalogue/open.ts";
      import { updateFrozen, withFrozenReference } from "./src-core/areas/configs/freeze/frozen.ts";
      import { projectPaths } from "./src-core/foundation/files/paths.ts";
      const [root, from] = process.argv.slice(1);
      const paths = projectPaths(root);
      const catalogue = openCatalogue(paths.catalogueFile);
      for (let version = Number(from); version < Number(from) + 15; version++)
        updateFrozen(paths, catalogue, (frozen) =>
          withFrozenReference(frozen, version, { sha256: "a".repeat(64), row_digest: "b", rows: 1 }));
      catalogue.close();`;
    const write = (from: number) =>
      new Promise<number | null>((done) => {
        const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program, root, String(from)], {
          stdio: "inherit",
        });
        child.on("exit", done);
      });
    expect(await Promise.all([write(0), write(100)])).toEqual([0, 0]);
    expect(Object.keys(readFrozen(paths).references)).toHaveLength(30);
  });
});
