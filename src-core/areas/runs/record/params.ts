import { byKind, configKinds } from "../../../contract/configs/config-kinds.ts";
import type { ProjectConfig } from "../../../contract/configs/project-config.ts";
import { modelTypeOf } from "../../../contract/routing/plan-run.ts";
import type { PythonEnvironment } from "../../../foundation/exec/place.ts";
import type { RunRequest } from "../pipeline/request.ts";
import { planParams } from "./plan-run-overlay.ts";

/** Builds the MLflow parameters of a run's lineage that is known at its start. They are immutable, so a resumed run logs the same ones. */

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
    ...byKind(
      (kind) => `${kind}_config_digest`,
      (kind) => configs[configKinds[kind].resolved].digest,
    ),
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

/** Returns the class whose probability a binary model predicts. "default" leaves the choice to the trainer, which takes the second one. */
export function positiveClassOf({ positive_class: positive }: Pick<ProjectConfig, "positive_class">): string {
  return positive === undefined ? "default" : String(positive);
}
