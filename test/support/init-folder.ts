import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { loadProject } from "../../src-core/areas/configs/project.ts";
import { resolveConfigs } from "../../src-core/areas/configs/resolve.ts";
import { drawId } from "../../src-core/areas/projects/draw-id.ts";
import { type InitRequest, type InitResult, initProject } from "../../src-core/areas/projects/init/init.ts";
import { trySplit } from "../../src-core/areas/splits/try-split.ts";
import { initDvc } from "../../src-core/areas/versioning/init-dvc.ts";
import type { ResolvedConfigs } from "../../src-core/contract/configs/resolved.ts";
import { AppError } from "../../src-core/contract/errors.ts";
import { projectsOperations } from "../../src-core/contract/projects.ts";
import { openDuck } from "../../src-core/foundation/duck/open.ts";
import { proveProject } from "../../src-core/wiring/prove-project.ts";
import { nothingFrozen } from "./split-project.ts";
import { testPlace } from "./test-place.ts";

export const tableFormats = ["csv", "jsonl", "parquet"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** A temporary folder in which tables of any format become projects, without git. */
export interface InitFolder {
  readonly path: string;
  /** Writes what the SQL selects, and returns the file's name. */
  readonly table: (format: TableFormat, select: string) => Promise<string>;
  readonly init: (input: InitRequest) => Promise<InitResult>;
  /** The error of an init that must fail. */
  readonly failure: (input: InitRequest) => Promise<AppError>;
  readonly configsOf: (result: InitResult) => ResolvedConfigs;
  /** A file of the new project. */
  readonly read: (result: InitResult, file: string) => string;
  /** The manifest of the split that `splits check` makes. */
  readonly checkSplit: (result: InitResult) => ReturnType<typeof trySplit>;
  readonly remove: () => void;
}

export function initFolder(): InitFolder {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-init-"));
  let tables = 0;
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  const signal = new AbortController().signal;
  const init = (input: InitRequest) => {
    const parsed = projectsOperations["projects.init"].input.parse({ git: false, ...input });
    return initProject(parsed, { env, cwd: folder, initDvc, drawId, proveProject }, { signal, report: () => {} });
  };
  const configsOf = (result: InitResult) => resolveConfigs({ project: loadProject(result.dir) });
  return {
    path: folder,
    init,
    configsOf,
    table: async (format, select) => {
      tables += 1;
      const name = `table${tables}.${format}`;
      const options = { csv: "FORMAT csv, HEADER", jsonl: "FORMAT json", parquet: "FORMAT parquet" }[format];
      const duck = await openDuck({ tempDirectory: path.join(folder, "duck") });
      try {
        await duck.run(`COPY (${select}) TO '${path.join(folder, name)}' (${options})`);
      } finally {
        duck.close();
      }
      return name;
    },
    failure: async (input) => {
      try {
        await init(input);
      } catch (error) {
        if (error instanceof AppError) return error;
        throw error;
      }
      throw new Error("a project was made");
    },
    read: (result, file) => readFileSync(path.join(result.dir, file), "utf8"),
    checkSplit: (result) => {
      const where = { place: testPlace(), node: process.execPath };
      const context = {
        project: loadProject(result.dir),
        configs: configsOf(result),
        signal,
        report: () => {},
        ...where,
      };
      return trySplit(nothingFrozen, context);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
