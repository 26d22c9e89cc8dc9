import type { ProjectConfig } from "../../../contract/configs/project-config.ts";
import { type ResultName, resultNames, type StageResults } from "../../../contract/runs/stage-results.ts";
import { decideRecord } from "./decide-record.ts";
import { evaluateRecord } from "./evaluate-record.ts";
import { splitRecord } from "./split-record.ts";
import type { StageRecord } from "./stage-record.ts";
import { trainRecord } from "./train-record.ts";
import { versionRecord } from "./version-record.ts";

const records: { readonly [Name in ResultName]: StageRecord<Name> } = {
  split: splitRecord,
  version: versionRecord,
  train: trainRecord,
  evaluate: evaluateRecord,
  decide: decideRecord,
};

/** The stages of a pipeline in their order, by the type of project. */
const pipelines: Readonly<Record<ProjectConfig["type"], readonly ResultName[]>> = {
  mlflow_model: ["split", "version", "train", "evaluate", "decide"],
};

export function stagesOf({ type }: Pick<ProjectConfig, "type">): readonly ResultName[] {
  return pipelines[type];
}

export function stageRecord<Name extends ResultName>(name: Name): StageRecord<Name> {
  return records[name];
}

/** One line on what a stage found. */
export function describeStage<Name extends ResultName>(name: Name, result: StageResults[Name]): string {
  return stageRecord(name).describe(result);
}

/** True for a parameter that a run logs when it starts, among all that it has at its end. */
export function isStartParam(key: string): boolean {
  return !resultNames.some((name) => records[name].ownsParam(key));
}
