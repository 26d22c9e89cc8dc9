import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainFiles, plainProject } from "../../../test/support/plain-project.ts";
import { type Catalogue, openCatalogue } from "../../foundation/catalogue/open.ts";
import { findProjectDir } from "../../foundation/files/find-project.ts";
import { freeze } from "./freeze/freeze.ts";
import { configsOps } from "./ops.ts";
import { loadProject } from "./project.ts";
import { resolveConfigs } from "./resolve.ts";

let root: string;
let catalogue: Catalogue;
let ops: ReturnType<typeof configsOps>;
const context = { signal: new AbortController().signal, report: () => {} };

beforeEach(() => {
  const second = (plainFiles["configs/features/v1.yaml"] ?? "").replace(
    "impute: median",
    "impute: mean, scale: robust",
  );
  root = plainProject({ "configs/features/v2.yaml": second });
  catalogue = openCatalogue(loadProject(root).paths.catalogueFile);
  const project = () => loadProject(root);
  // Only what the area uses of the core.
  ops = configsOps({ project, catalogue: () => catalogue });
});

afterEach(() => {
  catalogue.close();
  rmSync(root, { recursive: true, force: true });
});

describe("configs list", () => {
  it("shows each version, which is active, which is frozen and by which run", async () => {
    freeze(
      { paths: loadProject(root).paths, catalogue, now: new Date(0) },
      resolveConfigs({ project: loadProject(root) }),
      "run-1",
    );
    const { versions } = await ops["configs.list"]({ kind: "feature" }, context);
    expect(versions).toMatchObject([
      { version: 1, isActive: true, isFrozen: true, isChanged: false, firstRunId: "run-1" },
      { version: 2, isActive: false, isFrozen: false, firstRunId: null },
    ]);
    expect((await ops["configs.list"]({}, context)).versions).toHaveLength(5);
  });

  it("recognises an edited and a missing frozen file, and lists a file that can't be parsed", async () => {
    freeze(
      { paths: loadProject(root).paths, catalogue, now: new Date(0) },
      resolveConfigs({ project: loadProject(root) }),
      "run-1",
    );
    writeFileSync(path.join(root, "configs/models/v1.yaml"), "]");
    rmSync(path.join(root, "configs/splits/v1.yaml"));
    const { versions } = await ops["configs.list"]({}, context);
    expect(versions.find(({ kind }) => kind === "model")).toMatchObject({ isChanged: true });
    expect(versions.find(({ kind }) => kind === "split")).toMatchObject({ isChanged: true, digest: null });
  });
});

describe("configs show", () => {
  it("gives the file as written, and its values with defaults", async () => {
    const shown = await ops["configs.show"]({ kind: "split", version: undefined }, context);
    expect(shown.text).toBe(plainFiles["configs/splits/v1.yaml"]);
    expect(shown.value).toMatchObject({ strategy: "group_hash", max_duplicate_basis_points: 100 });
  });

  it("names the versions that exist if the requested one doesn't", async () => {
    await expect(ops["configs.show"]({ kind: "feature", version: 7 }, context)).rejects.toMatchObject({
      code: "configs/version-not-found",
      message: "There is no feature version 7; existing: 1, 2.",
    });
  });
});

describe("configs diff", () => {
  it("names every key that differs by its path", async () => {
    const { changes } = await ops["configs.diff"]({ kind: "feature", from: 1, to: 2 }, context);
    expect(changes).toEqual([
      { path: "numeric[0].impute", change: "changed", before: '"median"', after: '"mean"' },
      { path: "numeric[0].scale", change: "added", before: null, after: '"robust"' },
    ]);
  });
});

describe("the project of a folder", () => {
  it("is the nearest one above", () => {
    const inner = path.join(root, "data/splits");
    mkdirSync(inner, { recursive: true });
    expect(findProjectDir(inner)).toBe(root);
    expect(findProjectDir(path.dirname(root))).toBeUndefined();
  });

  it("gives experiment and model the project's name by default", () => {
    expect(loadProject(root)).toMatchObject({ experiment: "shops_training", registeredModel: "shops_model" });
    const file = path.join(root, "signalbox.yaml");
    writeFileSync(file, `${plainFiles["signalbox.yaml"]}tracking: { experiment: mine }\n`);
    expect(loadProject(root)).toMatchObject({ experiment: "mine", registeredModel: "shops_model" });
  });

  it("is reported missing, with the way to create one", () => {
    expect(() => loadProject(path.dirname(root))).toThrowError(expect.objectContaining({ code: "projects/not-found" }));
  });
});
