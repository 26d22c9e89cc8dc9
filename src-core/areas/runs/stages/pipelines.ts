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

/** The stages of a pipeline in order, by the type of project. */
const pipelines: Readonly<Record<ProjectConfig["type"], readonly ResultName[]>> = {
  mlflow_model: ["split", "version", "train", "evaluate", "decide"],
};

export function stagesOf({ type }: Pick<ProjectConfig, "type">): readonly ResultName[] {
  return pipelines[type];
}

export function stageRecord<Name extends ResultName>(name: Name): StageRecord<Name> {
  return records[name];
}

/** Describes the result of a stage in one line. */
export function describeStage<Name extends ResultName>(name: Name, result: StageResults[Name]): string {
  return stageRecord(name).describe(result);
}

/** Checks whether a parameter is logged at the start of a run, not by a stage. */
export function isStartParam(key: string): boolean {
  return !resultNames.some((name) => records[name].ownsParam(key));
}
