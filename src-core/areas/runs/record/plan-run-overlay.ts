import type { DataContract } from "../../../contract/configs/data-contract.ts";
import type { FeatureSchema } from "../../../contract/configs/feature-schema.ts";
import type { ResolvedConfigs } from "../../../contract/configs/resolved.ts";
import { modelTypeOf, type PlanRun } from "../../../contract/routing/plan-run.ts";
import { readViewName, segmentText } from "../../../contract/routing/view-name.ts";
import type { Project } from "../../../foundation/context.ts";

/** Adapts the project to a job of a plan: its target and task, its experiment and the name of its model. */
export function projectOf(project: Project, plan: PlanRun): Project {
  const { column, task, positiveClass } = plan.target;
  const { positive_class: _, ...config } = project.config;
  return {
    ...project,
    config: {
      ...config,
      task,
      target: column,
      ...(positiveClass === null ? {} : { positive_class: positiveClass }),
    },
    experiment: plan.experiment,
    registeredModel: plan.registeredModel,
  };
}

/**
 * Adapts the configurations to a job: the contract has its target, the feature schema only its features, and the model is the winning family.
 * Versions and digests remain those of the files, because the manifest of the split and the frozen versions refer to them.
 */
export function configsOf(configs: ResolvedConfigs, plan: PlanRun): ResolvedConfigs {
  const { dataContract, feature, model } = configs;
  return {
    ...configs,
    dataContract: { ...dataContract, value: contractFor(dataContract.value, plan.target) },
    feature: { ...feature, value: withFeatures(feature.value, new Set(plan.features)) },
    model: {
      ...model,
      value: {
        version: 1,
        model: { type: plan.family?.type ?? modelTypeOf(plan), params: { ...plan.family?.params } },
        ...(plan.family === null ? {} : { seed: plan.family.seed }),
      },
    },
  };
}

/** Adapts a data contract to the rows of a target: that column, which may be computed, has a value in each row. */
export function contractFor(
  contract: DataContract,
  { column, sql, task }: Pick<PlanRun["target"], "column" | "sql" | "task">,
): DataContract {
  const known = contract.columns[column];
  const computed = { type: task === "binary" ? ("bool" as const) : ("float" as const), known: "after" as const };
  const own = sql === null && known !== undefined ? known : computed;
  return { ...contract, target: column, columns: { ...contract.columns, [column]: { ...own, non_nullable: true } } };
}

/** Reduces a feature schema to these columns, and removes blocks without any. */
export function withFeatures(schema: FeatureSchema, kept: ReadonlySet<string>): FeatureSchema {
  const isKept = (column: string) => kept.has(column);
  const of = <Block extends { readonly columns: string[] }>(blocks: readonly Block[]): Block[] =>
    blocks
      .map((block) => ({ ...block, columns: block.columns.filter(isKept) }))
      .filter((block) => block.columns.length > 0);
  return {
    version: schema.version,
    numeric: of(schema.numeric),
    categorical: of(schema.categorical).map((block) =>
      block.order === undefined
        ? block
        : { ...block, order: Object.fromEntries(Object.entries(block.order).filter(([column]) => isKept(column))) },
    ),
    text: schema.text.filter((block) => isKept(block.column)),
    datetime: of(schema.datetime),
  };
}

/** Reads the parameter `plan_symbol`: null for the pooled view. */
export function readPlanSymbol(parameter: string | undefined): string | null {
  return parameter === undefined ? null : readViewName(parameter);
}

/** The parameter and the tag of an experiment of a plan: its verdict is recorded, but its model is never promoted. */
export const experimentParam = "experiment_only";

/** Builds the MLflow tags that only a run of a plan has. */
export function planTags(plan: PlanRun): Readonly<Record<string, string>> {
  return {
    plan_hash: plan.planHash,
    job_id: plan.jobId,
    target: plan.target.name,
    symbol: plan.segment === null ? "" : segmentText(plan.segment.value),
    family: plan.family?.name ?? "ensemble",
    route: plan.route,
    training_type: plan.trainingType,
    stage: String(plan.stage),
    feature_set_id: plan.featureSetId,
    ...(plan.isExperiment ? { [experimentParam]: "true" } : {}),
    ...(plan.marks.length === 0 ? {} : { "signalbox.marks": plan.marks.join(", ") }),
  };
}

/** Builds its parameters: what it trained and which families competed, for comparing runs. */
export function planParams(plan: PlanRun): Readonly<Record<string, string>> {
  const scores = plan.competition.map(
    ({ family, score }) => `${family}=${score === null ? "failed" : score.toFixed(4)}`,
  );
  return {
    plan_hash: plan.planHash,
    job_id: plan.jobId,
    plan_target: plan.target.name,
    plan_symbol: plan.segment === null ? "CROSS_SECTIONAL" : segmentText(plan.segment.value),
    plan_stage: String(plan.stage),
    training_type: plan.trainingType,
    family: plan.family?.name ?? "ensemble",
    feature_set_id: plan.featureSetId,
    ...(plan.isExperiment ? { [experimentParam]: "true" } : {}),
    ...(plan.target.sql === null ? {} : { target_sql: plan.target.sql }),
    ...(scores.length === 0 ? {} : { competition: scores.join(" ") }),
    ...(plan.members.length === 0 ? {} : { members: plan.members.map((it) => it.runId).join(" ") }),
  };
}
