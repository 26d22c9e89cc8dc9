import { mkdirSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type * as z from "zod";
import type { SplitContext } from "../../src-core/areas/splits/split-context.ts";
import { splitStage } from "../../src-core/areas/splits/split-stage.ts";
import type { trySplit } from "../../src-core/areas/splits/try-split.ts";
import { dataContractSchema } from "../../src-core/contract/configs/data-contract.ts";
import { featureSchemaSchema } from "../../src-core/contract/configs/feature-schema.ts";
import { type ProjectConfig, projectConfigSchema } from "../../src-core/contract/configs/project-config.ts";
import type { ResolvedConfigs } from "../../src-core/contract/configs/resolved.ts";
import { splitSchemaSchema } from "../../src-core/contract/configs/split-schema.ts";
import type { SplitResult } from "../../src-core/contract/runs/stage-results.ts";
import type { Core, Project } from "../../src-core/foundation/context.ts";
import { openDuck } from "../../src-core/foundation/duck/open.ts";
import { sha256 } from "../../src-core/foundation/files/digest.ts";
import { projectPaths } from "../../src-core/foundation/files/paths.ts";
import { bareCore } from "./bare-core.ts";
import { projectId } from "./plain-project.ts";

export interface SplitProject {
  readonly root: string;
  readonly context: SplitContext & { readonly core: Core };
  readonly run: () => Promise<SplitResult>;
  readonly file: (name: string) => string;
}

/** What trying a split needs of other areas, where nothing was frozen or versioned yet. */
export const nothingFrozen: Parameters<typeof trySplit>[0] = {
  configs: { frozenReferences: async () => ({}) },
  versioning: { restore: async () => false },
};

export interface SplitProjectInput {
  readonly root?: string;
  readonly master?: string;
  readonly contract: z.input<typeof dataContractSchema>;
  readonly split: z.input<typeof splitSchemaSchema>;
  readonly feature?: z.input<typeof featureSchemaSchema>;
  readonly local?: { readonly threads?: number; readonly memory_gib?: number };
  readonly signal?: AbortSignal;
}

export function newFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), "signalbox-split-"));
}

/** Runs SQL on a temporary DuckDB, to write tables and to read them. */
export async function sql(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const duck = await openDuck({ tempDirectory: path.join(newFolder(), "duck") });
  try {
    return await duck.rows(statement);
  } finally {
    duck.close();
  }
}

/** Writes a SELECT as the project's master table, in the format of the name's extension. */
export async function writeMaster(root: string, select: string, name = "data/master.parquet"): Promise<void> {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  await sql(
    `COPY (${select}) TO '${file}' (FORMAT ${name.endsWith("csv") ? "csv, HEADER" : name.endsWith("jsonl") ? "json" : "parquet"})`,
  );
}

/** The parts of a project that the split stage needs, without configuration files. */
export function splitProject(input: SplitProjectInput): SplitProject {
  const root = input.root ?? newFolder();
  const paths = projectPaths(root);
  const core = bareCore(root);
  const config: ProjectConfig = projectConfigSchema.parse({
    version: 2,
    name: "tried",
    id: projectId,
    type: "mlflow_model",
    task: "regression",
    master: input.master ?? "data/master.parquet",
    target: input.contract.target,
    ...(input.local === undefined ? {} : { executors: { local: input.local } }),
  });
  const project: Project = { paths, config, experiment: "tried_training", registeredModel: "tried_model" };
  const version = 1;
  const configs: ResolvedConfigs = {
    dataContract: {
      kind: "data_contract",
      version,
      path: "configs/data_contracts/v1.yaml",
      digest: sha256(JSON.stringify(input.contract)),
      value: dataContractSchema.parse(input.contract),
    },
    split: {
      kind: "split",
      version,
      path: "configs/splits/v1.yaml",
      digest: sha256(JSON.stringify(input.split)),
      value: splitSchemaSchema.parse(input.split),
    },
    feature: {
      kind: "feature",
      version,
      path: "configs/features/v1.yaml",
      digest: sha256(JSON.stringify(input.feature ?? {})),
      value: featureSchemaSchema.parse(input.feature ?? { version: 1 }),
    },
    model: {
      kind: "model",
      version,
      path: "configs/models/v1.yaml",
      digest: sha256("model"),
      value: { version: 1, model: { type: "ridge", params: {} } },
    },
    promotion: {
      path: "configs/promotion.yaml",
      digest: sha256("promotion"),
      value: {
        version: 1,
        primary: { metric: "reference_rmse", goal: "superiority" },
        decision_rule: "bootstrap",
        alpha: 0.05,
        min_units: 200,
        min_clusters: 10,
        replicates: 999,
        seed: 42,
        max_missing_basis_points: 0,
        use_stages: false,
        gates: [],
      },
    },
  };
  const context: SplitProject["context"] = {
    // Without a DVC cache.
    core: { ...core, versioning: { restore: async () => false } },
    place: core.place,
    node: core.node,
    project,
    configs,
    signal: input.signal ?? new AbortController().signal,
    report: () => undefined,
  };
  return { root, context, run: () => splitStage(context), file: (name) => path.join(root, name) };
}
