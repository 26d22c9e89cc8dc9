import type { ProjectConfig } from "../../../contract/configs/project-config.ts";
import { modelTypeOf } from "../../../contract/routing/plan-run.ts";
import type { EvaluateResult, SplitResult, TrainResult, VersionResult } from "../../../contract/runs/stage-results.ts";
import type { PythonEnvironment } from "../../../foundation/context.ts";
import type { RunRequest } from "../pipeline/request.ts";
import { planParams } from "./plan-run-overlay.ts";

/** The lineage of a run as MLflow parameters, by the stage that knows them. Parameters are immutable: a resume logs the same ones. */

export interface StartFacts {
  readonly gateHash: string;
  readonly codeVersion: string;
  readonly signalboxVersion: string;
  readonly python: PythonEnvironment;
}

export function startParams(request: RunRequest, facts: StartFacts): Readonly<Record<string, string>> {
  const { configs, versions, project } = request;
  return {
    ...Object.fromEntries(Object.entries(versions).map(([key, value]) => [key, String(value)])),
    split_config_digest: configs.split.digest,
    feature_config_digest: configs.feature.digest,
    model_config_digest: configs.model.digest,
    data_contract_config_digest: configs.dataContract.digest,
    promotion_config_digest: configs.promotion.digest,
    gate_hash: facts.gateHash,
    code_version: facts.codeVersion,
    signalbox_version: facts.signalboxVersion,
    environment_lock: facts.python.digest,
    python_version: facts.python.pythonMinor,
    seed: String(request.seed),
    task: project.config.task,
    target: project.config.target,
    ...(project.config.task === "binary" ? { positive_class: positiveClassOf(project.config) } : {}),
    model_type: request.planRun === undefined ? configs.model.value.model.type : modelTypeOf(request.planRun),
    split_strategy: configs.split.value.strategy,
    ...(request.planRun === undefined ? {} : planParams(request.planRun)),
  };
}

/** The class whose probability a binary model gives; "default" is the trainer's choice, the second in order. */
export function positiveClassOf({ positive_class: positive }: Pick<ProjectConfig, "positive_class">): string {
  return positive === undefined ? "default" : String(positive);
}

export function splitParams(split: SplitResult): Readonly<Record<string, string>> {
  return {
    master_sha256: split.masterSha256,
    train_sha256: split.train.sha256,
    train_row_digest: split.train.rowDigest,
    train_rows: String(split.train.rows),
    reference_sha256: split.reference.sha256,
    reference_row_digest: split.reference.rowDigest,
    reference_rows: String(split.reference.rows),
    split_manifest_sha256: split.manifest.sha256,
  };
}

export function versionParams(version: VersionResult): Readonly<Record<string, string>> {
  return {
    dvc_master_hash: version.master.map((it) => it.hash).join(","),
    dvc_split_hash: version.split.hash,
    dvc_reference_hash: version.reference.hash,
  };
}

/** The trainer's metrics, and what training took and left, under the names that a gate asks for them by. */
export function trainingMetrics({ metrics, fitSeconds, files }: TrainResult): Readonly<Record<string, number>> {
  const modelSize = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { ...metrics, fit_seconds: fitSeconds, model_size_bytes: modelSize };
}

/** Every figure of an evaluation as flat MLflow metrics: `reference_rmse`, `long_haul_mae`; intervals as `…_low` and `…_high`. */
export function evaluationMetrics(evaluation: EvaluateResult): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {};
  for (const set of evaluation.sets) {
    for (const [name, measured] of Object.entries(set.metrics)) {
      if (measured.value === null) continue;
      metrics[`${set.name}_${name}`] = measured.value;
      if (measured.low !== null) metrics[`${set.name}_${name}_low`] = measured.low;
      if (measured.high !== null) metrics[`${set.name}_${name}_high`] = measured.high;
    }
  }
  return metrics;
}

const laterParams: readonly string[] = [
  ...["master_sha256", "train_sha256", "train_row_digest", "train_rows"],
  ...["reference_sha256", "reference_row_digest", "reference_rows", "split_manifest_sha256"],
  ...["dvc_master_hash", "dvc_split_hash", "dvc_reference_hash"],
];

/** True for a parameter that `startParams` logs, among all that a run has at its end. */
export function isStartParam(key: string): boolean {
  return !key.startsWith("train.") && !laterParams.includes(key);
}
