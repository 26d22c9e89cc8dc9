import { nextStep } from "../../../contract/build-step.ts";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { keyColumns } from "../../../contract/configs/primary-key.ts";
import type { ProjectConfig } from "../../../contract/configs/project-config.ts";
import type { FamilyConfig, RoutingTask, TargetConfig } from "../../../contract/configs/targets.ts";
import { AppError } from "../../../contract/errors.ts";
import { didYouMean } from "../../../foundation/text/did-you-mean.ts";
import { checkParams } from "../../configs/check/check-params.ts";
import { Findings } from "../../configs/check/findings.ts";
import { type ModelType, modelTypes, ownModelPattern } from "../../configs/check/model-types.ts";
import { problemError } from "../../configs/read/problems.ts";
import type { ConfigFile } from "../../configs/read/read-config.ts";

/** A family of models, with its defaults applied. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly stage: 1 | 2;
  readonly seed: number;
  readonly device: "cpu" | "gpu";
}

/** A target of the project, with its defaults applied. */
export interface Target {
  readonly name: string;
  /** Its column in views: the table's own, or the target's name if it is computed. */
  readonly column: string;
  readonly sql: string | null;
  readonly task: RoutingTask;
  readonly metric: "r2" | "roc_auc";
  readonly positiveClass: string | number | boolean | null;
  readonly horizonMinutes: number | null;
  readonly families: readonly Family[];
  /** Project-relative file of its gate. */
  readonly promotion: string;
  /** Columns that reveal it: its own, or those its SQL reads. */
  readonly reads: readonly string[];
}

const defaultTypes: Readonly<Record<RoutingTask, readonly string[]>> = {
  regression: ["ridge", "hist_gradient_boosting"],
  binary: ["logistic_regression", "hist_gradient_boosting"],
};

const metricOfTask = { regression: "r2", binary: "roc_auc" } as const;

/**
 * Reads the targets of signalbox.yaml, checked against the data contract and the model types.
 * @throws routing/no-targets if there are none, configs/inconsistent with the place of each contradiction
 */
export function resolveTargets(
  project: ConfigFile<ProjectConfig>,
  contract: ConfigFile<DataContract>,
): readonly Target[] {
  const { targets, segments, families = {} } = project.value;
  if (targets === undefined) {
    throw new AppError({
      code: "routing/no-targets",
      message: `${project.file} describes no targets, so there is nothing to route.`,
      hint: "Add `targets: [{name, column, task}]` (and `segments: {column}`) as the guide's page on routing shows.",
      next: [nextStep("runs.start", {}, "trains the project's one target without a plan")],
    });
  }
  const findings = new Findings(project);
  if (segments !== undefined) findings.hasColumn(["segments", "column"], segments.column, contract);
  for (const [name, family] of Object.entries(families)) {
    checkFamily(findings, name, family);
    for (const task of tasksOf(name, targets, families))
      checkParams(findings, {
        type: family.type ?? name,
        ...{ task, params: family.params ?? {}, path: ["families", name, "params"] },
      });
  }
  const seen = new Set<string>();
  for (const [index, target] of targets.entries()) {
    if (seen.has(target.name))
      findings.add(["targets", index, "name"], `the target \`${target.name}\` is listed twice`, {
        hint: "Give each target its own name.",
      });
    seen.add(target.name);
    checkTarget(findings, { target, index, contract, families });
  }
  if (findings.problems.length > 0) throw problemError(findings.problems);
  const columns = Object.keys(contract.value.columns);
  return targets.map((target) => ({
    name: target.name,
    column: target.column ?? target.name,
    sql: target.sql ?? null,
    task: target.task,
    metric: metricOfTask[target.task],
    positiveClass: target.positive_class ?? null,
    horizonMinutes: horizonOf(target, project.value.trading_day_minutes),
    families: familiesOf(target, families),
    promotion: target.promotion ?? "configs/promotion.yaml",
    reads: target.sql === undefined ? [target.column ?? target.name] : columnsNamed(target.sql, columns),
  }));
}

function horizonOf(target: TargetConfig, dayMinutes: number): number | null {
  if (target.horizon_minutes !== undefined) return target.horizon_minutes;
  return target.horizon_days === undefined ? null : target.horizon_days * dayMinutes;
}

/**
 * Columns whose name is in an expression as a word; for a field of a struct the struct's, which can be reached in many ways.
 * A name that only occurs in a string counts too: a feature too few is honest, one too many would reveal the target.
 */
export function columnsNamed(sql: string, columns: readonly string[]): readonly string[] {
  const text = sql.toLowerCase();
  const isWordPart = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_$]/u.test(character);
  const isNamed = (name: string) => {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      if (!isWordPart(text[at - 1]) && !isWordPart(text[at + name.length])) return true;
    return false;
  };
  return columns.filter((column) => {
    const name = column.toLowerCase().replaceAll('"', '""');
    const [struct = name] = name.split(".");
    return isNamed(name) || isNamed(struct);
  });
}

type Families = Readonly<Record<string, FamilyConfig>>;

function familiesOf(target: TargetConfig, families: Families): readonly Family[] {
  const all = Object.keys(families);
  const named = target.families ?? (all.length === 0 ? defaultTypes[target.task] : all.filter(fits));
  return named.map((name) => resolved(name, families[name]));
  function fits(name: string): boolean {
    return typeOf(families[name]?.type ?? name)?.tasks.includes(target.task) ?? true;
  }
}

function resolved(name: string, family: FamilyConfig | undefined): Family {
  const type = family?.type ?? name;
  return {
    name,
    type,
    params: family?.params ?? {},
    stage: family?.stage ?? (type === "mlp" ? 2 : 1),
    seed: family?.seed ?? 42,
    // Families on a GPU come with executors that have one.
    device: "cpu",
  };
}

/** The tasks of the targets that a family competes for; any it supports if it competes for none. */
function tasksOf(name: string, targets: readonly TargetConfig[], families: Families): readonly RoutingTask[] {
  const used = targets.filter((target) => familiesOf(target, families).some((family) => family.name === name));
  const supported = typeOf(families[name]?.type ?? name)?.tasks ?? [];
  const tasks = used.map(({ task }) => task).filter((task) => supported.includes(task));
  if (tasks.length > 0) return [...new Set(tasks)];
  return supported.includes("regression") ? ["regression"] : ["binary"];
}

function typeOf(type: string): ModelType | undefined {
  return Object.hasOwn(modelTypes, type) ? modelTypes[type] : undefined;
}

function checkFamily(findings: Findings, name: string, family: FamilyConfig): void {
  const type = family.type ?? name;
  if (typeOf(type) !== undefined || ownModelPattern.test(type)) return;
  const names = Object.keys(modelTypes);
  findings.add(
    family.type === undefined ? ["families", name] : ["families", name, "type"],
    `\`${type}\` isn't a model type${didYouMean(type, names)}`,
    {
      code: "configs/invalid-value",
      hint: `Model types: ${names.join(", ")}, or python:<module>:<factory>.`,
    },
  );
}

/** SQL names aren't case-sensitive. */
function isColumn(name: string, { value }: ConfigFile<DataContract>): boolean {
  return Object.keys(value.columns).some((column) => column.toLowerCase() === name.toLowerCase());
}

function checkTarget(
  findings: Findings,
  it: {
    readonly target: TargetConfig;
    readonly index: number;
    readonly contract: ConfigFile<DataContract>;
    readonly families: Families;
  },
): void {
  const { target, index, contract, families } = it;
  const at = ["targets", index] as const;
  if ((target.column === undefined) === (target.sql === undefined))
    findings.add([...at], `\`${target.name}\` needs exactly one of \`column\` and \`sql\``, {
      hint: "Name the column, or write the expression that computes it.",
    });
  if (target.column !== undefined) {
    findings.hasColumn([...at, "column"], target.column, contract);
    if (keyColumns(contract.value).includes(target.column))
      findings.add([...at, "column"], `\`${target.column}\` is part of the primary key`, {
        hint: "A target can't identify a row.",
      });
  } else if (isColumn(target.name, contract))
    findings.add([...at, "name"], `\`${target.name}\` is a column of the table and can't name a computed target`, {
      hint: "Choose another name.",
    });
  if (target.positive_class !== undefined && target.task === "regression")
    findings.add([...at, "positive_class"], "a regression has no classes", {
      hint: "Remove it, or write `task: binary`.",
    });
  const metric = metricOfTask[target.task];
  if (target.metric !== undefined && target.metric !== metric)
    findings.add([...at, "metric"], `\`${target.metric}\` doesn't score ${target.task}`, { hint: `Write ${metric}.` });
  if (target.horizon_minutes !== undefined && target.horizon_days !== undefined)
    findings.add([...at, "horizon_days"], "the horizon is given twice", { hint: "Keep one of the two." });
  if (familiesOf(target, families).length === 0)
    findings.add([...at], `none of \`families\` does ${target.task}, which \`${target.name}\` needs`, {
      hint: `Describe one that does, such as ${defaultTypes[target.task].join(" or ")}.`,
    });
  for (const [place, name] of (target.families ?? []).entries()) {
    if (target.families?.indexOf(name) !== place)
      findings.add([...at, "families", place], `\`${name}\` is listed twice`, { hint: "Name each family once." });
    const type = families[name]?.type ?? name;
    const known = typeOf(type);
    if (known === undefined && !Object.hasOwn(families, name))
      findings.add(
        [...at, "families", place],
        `\`${name}\` is neither in \`families\` nor a model type${didYouMean(name, [...Object.keys(families), ...Object.keys(modelTypes)])}`,
        { hint: `Families: ${Object.keys(families).join(", ") || "none are described"}.` },
      );
    else if (known !== undefined && !known.tasks.includes(target.task))
      findings.add([...at, "families", place], `\`${name}\` (${type}) doesn't support ${target.task}`, {
        hint: "Remove it from this target's families.",
      });
  }
}
