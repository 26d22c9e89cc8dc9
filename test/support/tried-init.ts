import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

type Row = Readonly<Record<string, string | number | boolean | null>>;
export type Format = "csv" | "jsonl" | "parquet";
export const formats = ["csv", "jsonl", "parquet"] as const;

/** A folder of tables, and `init` in it. */
export class TriedInit {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-tried-"));
  #projects = 0;

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The same rows in one of the formats: a null is an empty field of a CSV file. */
  async write(format: Format, rows: readonly Row[]): Promise<string> {
    const file = path.join(this.folder, `t${++this.#projects}.${format}`);
    if (format === "csv") {
      const names = Object.keys(rows[0] ?? {});
      const lines = rows.map((row) => names.map((name) => row[name] ?? "").join(","));
      writeFileSync(file, `${names.join(",")}\n${lines.join("\n")}\n`);
      return path.basename(file);
    }
    const json = `${file}${format === "jsonl" ? "" : ".jsonl"}`;
    writeFileSync(json, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
    return format === "jsonl"
      ? path.basename(file)
      : await this.parquet(`FROM read_json('${json}', format = 'newline_delimited', sample_size = -1)`);
  }

  /** A Parquet file of what the SQL selects. */
  async parquet(select: string): Promise<string> {
    const name = `s${++this.#projects}.parquet`;
    const duck = await openDuck({ tempDirectory: path.join(this.folder, "duck"), files: [this.folder] });
    try {
      await duck.run(`COPY (${select}) TO '${path.join(this.folder, name)}' (FORMAT parquet)`);
    } finally {
      duck.close();
    }
    return name;
  }

  init(table: string, input: Omit<InitRequest, "dir" | "table"> & { readonly dir?: string }): Promise<InitResult> {
    const request = { dir: `p${++this.#projects}`, table, git: false, ...input };
    const parsed = projectsOperations["projects.init"].input.parse(request);
    const tools = {
      env: { PATH: process.env.PATH, HOME: this.folder },
      cwd: this.folder,
      initDvc,
      drawId,
      proveProject,
    };
    return initProject(parsed, tools, { signal: new AbortController().signal, report: () => {} });
  }

  async failure(table: string, input: Omit<InitRequest, "dir" | "table">): Promise<AppError> {
    try {
      await this.init(table, input);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error("a project was made");
  }
}

export function configsOf(result: InitResult): ResolvedConfigs {
  return resolveConfigs({ project: loadProject(result.dir) });
}

export function contractOf(result: InitResult): ResolvedConfigs["dataContract"]["value"] {
  return configsOf(result).dataContract.value;
}

export function contractText(result: InitResult): string {
  return readFileSync(path.join(result.dir, "configs/data_contracts/v1.yaml"), "utf8");
}

export const reasonFor = (result: InitResult, column: string) =>
  result.leftOut.find((one) => one.column === column)?.reason;

/** Rows that a run would use: the whole split is made from the copied table, with its contract and leakage checks. */
export async function admitted(result: InitResult): Promise<number> {
  const context = {
    project: loadProject(result.dir),
    configs: configsOf(result),
    signal: new AbortController().signal,
    report: () => {},
    place: testPlace(),
    node: process.execPath,
  };
  const manifest = await trySplit(nothingFrozen, context);
  return manifest.train.rows + manifest.reference.rows;
}

/** A number in [0, 1) that looks random and never changes. */
export function noise(index: number): number {
  const x = Math.sin(index * 12.9898 + 4.1414) * 43_758.5453;
  return x - Math.floor(x);
}
