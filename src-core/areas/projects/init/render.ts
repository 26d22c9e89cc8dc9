import type { Task } from "../../../contract/configs/project-config.ts";
import { yamlComment, yamlList, yamlScalar } from "../../../foundation/text/yaml.ts";
import { fillTemplate } from "../fill-template.ts";
import type { Sentinel } from "../infer/find-sentinels.ts";
import type { TextNumbers } from "../infer/find-text-numbers.ts";
import type { ProposedColumn } from "../infer/infer-contract.ts";
import type { ProposedFeatures } from "../infer/infer-features.ts";
import type { KeyDecision } from "../infer/infer-key.ts";
import type { TaskDecision } from "../infer/infer-task.ts";
import type { ValueCount } from "../infer/profile.ts";
import type { SimilarValues } from "../infer/similar-values.ts";
import type { TriedSplit } from "../infer/try-proposed-split.ts";

import { sentinelComments } from "./describe-values.ts";

/** Rows excluded before the contract is checked. */
export interface ExcludeRule {
  readonly name: string;
  readonly sql: string;
  readonly reason: string;
}

/** Everything that was decided about a new project. */
export interface Proposal {
  readonly name: string;
  /** The table's file name. */
  readonly source: string;
  /** Project-relative. */
  readonly master: string;
  readonly rows: number;
  readonly target: string;
  readonly task: TaskDecision;
  /** Classes of the target with too few rows to learn and measure. */
  readonly rareClasses: readonly ValueCount[];
  /** What was decided about strings that may mean "no value". */
  readonly markers: readonly { readonly topic: string; readonly choice: string; readonly reason: string }[];
  /** Classes of the target that only one side of a split by group or time has. */
  readonly oneSidedClasses: readonly string[];
  readonly key: KeyDecision;
  /** Columns that only number the rows of the file. */
  readonly counters: readonly string[];
  readonly columns: readonly ProposedColumn[];
  /** What was changed or skipped in reading the table. */
  readonly warnings: readonly string[];
  /** Whether the table has columns of a type that no contract has. */
  readonly hasUndeclared: boolean;
  readonly exclude: readonly ExcludeRule[];
  /** Columns that decide a row's side of the split: group and time. */
  readonly sides: readonly string[];
  readonly sentinels: readonly Sentinel[];
  readonly textNumbers: readonly TextNumbers[];
  readonly similar: readonly SimilarValues[];
  readonly split: TriedSplit;
  readonly acceptsDuplicates: boolean;
  readonly features: ProposedFeatures;
}

/** Contents of `resources/templates` by file name. */
type Templates = (name: string) => string;

/** The project's files by project-relative path. Pure. */
export function renderProject(
  proposal: Proposal & { readonly id: string },
  templates: Templates,
): Readonly<Record<string, string>> {
  const fill = (name: string, values: Readonly<Record<string, string>>) => fillTemplate(templates(name), values);
  const { name, target, task } = proposal;
  return {
    "signalbox.yaml": fill("signalbox.yaml", {
      source: oneLine(proposal.source),
      name: yamlScalar(name),
      id: yamlScalar(proposal.id),
      task: task.task,
      master: yamlScalar(proposal.master),
      target: yamlScalar(target),
      positive_class: positiveClassText(task),
      experiment: yamlScalar(`${name}_training`),
      registered_model: yamlScalar(`${name}_model`),
    }),
    "configs/active.yaml": fill("active.yaml", {}),
    "configs/data_contracts/v1.yaml": fill("data_contract.yaml", {
      source: oneLine(proposal.source),
      rows: String(proposal.rows),
      primary_key: keyText(proposal.key),
      target: yamlScalar(target),
      columns: proposal.columns.map(columnLine).join("\n"),
      strict_columns: String(!proposal.hasUndeclared),
      deduplication: proposal.key.isDeduplicated
        ? `${yamlComment("Rows that repeat another one whole: one of each is kept.")}\ndeduplication: whole_rows`
        : "",
      exclude: excludeText(proposal.exclude),
      sentinels: sentinelComments(proposal.sentinels, proposal.exclude.length > 0),
    }),
    "configs/splits/v1.yaml": fill("split.yaml", splitValues(proposal)),
    "configs/features/v1.yaml": fill("feature.yaml", {
      blocks: featureBlocks(proposal),
      left_out: leftOutText(proposal.features),
    }),
    "configs/models/v1.yaml": fill("model.yaml", {}),
    "configs/promotion.yaml": fill("promotion.yaml", gateOf(task.task)),
    ".gitignore": fill("gitignore", {}),
  };
}

/** What follows `primary_key:`. */
function keyText({ key, digestOf }: KeyDecision): string {
  if (digestOf.length === 0) return ` ${yamlList(key)}`;
  const meaning = yamlComment(
    "The digest of these values identifies a row: a corrected value makes a new row, a further column changes nothing.",
  );
  return `\n  ${meaning}\n  digest_of: ${yamlList(digestOf)}`;
}

function positiveClassText({ positiveClass }: TaskDecision): string {
  if (positiveClass === null) return "";
  const comment = yamlComment(`The class whose probability is predicted and measured (${positiveClass.reason}).`);
  return `${comment}\npositive_class: ${yamlScalar(positiveClass.value)}`;
}

function oneLine(text: string): string {
  return yamlComment(text).slice(2);
}

function columnLine(column: ProposedColumn): string {
  const parts = [`type: ${column.type}`];
  if (column.isNonNullable) parts.push("non_nullable: true");
  if (column.min !== null) parts.push(`min: ${column.min}`);
  if (column.max !== null) parts.push(`max: ${column.max}`);
  if (column.allowedValues !== null) parts.push(`allowed_values: ${yamlList(column.allowedValues)}`);
  if (column.isRowCounter) parts.push("row_counter: true");
  if (column.missing.length > 0) parts.push(`missing: ${yamlList(column.missing)}`);
  if (column.isKnownAfter) parts.push("known: after");
  const remark = column.remark === "" ? "" : ` ${yamlComment(column.remark)}`;
  return `  ${yamlScalar(column.name)}: { ${parts.join(", ")} }${remark}`;
}

function excludeText(rules: readonly ExcludeRule[]): string {
  if (rules.length === 0) return "";
  const lines = rules.map(
    ({ name, sql, reason }) => `  - { name: ${name}, sql: ${JSON.stringify(sql)}, reason: ${JSON.stringify(reason)} }`,
  );
  return `# Rows left out before anything is checked; each run counts them.\nexclude:\n${lines.join("\n")}`;
}

function splitValues({ split, acceptsDuplicates }: Proposal): Readonly<Record<string, string>> {
  const { strategy, group, strata, testBasisPoints, column, cutoff, salt, reason } = split.split;
  const isHashed = strategy !== "temporal";
  const fields = [
    ...(group.length > 0 ? [`group: ${yamlList(group)}`] : []),
    ...(strategy === "stratified_hash" ? [`strata: ${yamlList(strata)}`] : []),
    ...(isHashed ? [`test_basis_points: ${testBasisPoints}`] : []),
    ...(column !== null ? [`column: ${yamlScalar(column)}`] : []),
    ...(cutoff !== null ? [`cutoff: ${JSON.stringify(cutoff)}`] : []),
    ...(column !== null ? ['# A gap before the cut-off, where outcomes are known late: embargo: "7d"'] : []),
  ];
  return {
    reason: oneLine(reason),
    train_rows: String(split.trainRows),
    reference_rows: String(split.referenceRows),
    strategy,
    salt: yamlScalar(salt),
    fields: fields.join("\n"),
    accept: acceptsDuplicates
      ? `${yamlComment(`${split.duplicates} reference rows equal a train row in every column but the key.`)}\naccept: [duplicates]`
      : "",
  };
}

function featureBlocks({ features, columns }: Proposal): string {
  const isNullable = (names: readonly string[]) =>
    columns.some((column) => names.includes(column.name) && !column.isNonNullable);
  const { numeric, onehot, ordinal, targetEncoded, text, datetime } = features;
  const blocks: string[] = [];
  // An imputer is written wherever a column may be null: more columns may turn out to be in a later table.
  if (numeric.length > 0) {
    blocks.push(`numeric:\n  - columns: ${yamlList(numeric)}${isNullable(numeric) ? "\n    impute: median" : ""}`);
  }
  const categorical = [
    ...(onehot.length > 0
      ? [
          `  - columns: ${yamlList(onehot)}${isNullable(onehot) ? "\n    impute: most_frequent" : ""}\n    encode: onehot`,
        ]
      : []),
    ...ordinal.map(({ column, order }) => {
      const impute = isNullable([column]) ? "\n    impute: most_frequent" : "";
      return `  - columns: ${yamlList([column])}${impute}\n    encode: ordinal\n    order: { ${yamlScalar(column)}: ${yamlList(order)} }`;
    }),
    ...(targetEncoded.length > 0
      ? [
          `  ${yamlComment("Many categories: each becomes the target's mean over its training rows, cross-fitted.")}\n  - columns: ${yamlList(targetEncoded)}${isNullable(targetEncoded) ? "\n    impute: most_frequent" : ""}\n    encode: target`,
        ]
      : []),
  ];
  if (categorical.length > 0) blocks.push(`categorical:\n${categorical.join("\n")}`);
  if (text.length > 0) {
    const lines = text.map((column) => {
      const impute = isNullable([column]) ? ', impute: { constant: "" }' : "";
      return `  - { column: ${yamlScalar(column)}, vectorize: tfidf, max_features: 200${impute} }`;
    });
    blocks.push(`text:\n${lines.join("\n")}`);
  }
  if (datetime.length > 0) {
    const lines = datetime.map(({ column, parts }) => {
      const impute = isNullable([column]) ? ", impute: most_frequent" : "";
      return `  - { columns: ${yamlList([column])}, parts: ${yamlList(parts)}${impute} }`;
    });
    blocks.push(`datetime:\n${lines.join("\n")}`);
  }
  return blocks.join("\n");
}

function leftOutText({ leftOut }: ProposedFeatures): string {
  if (leftOut.length === 0) return "";
  return [
    "# Left out:",
    ...leftOut.map(({ column, reason }) => yamlComment(`  ${yamlScalar(column)}: ${reason}`).replace("# ", "#   ")),
  ].join("\n");
}

function gateOf(task: Task): { readonly primary: string; readonly guardrail: string } {
  switch (task) {
    case "regression":
      return { primary: "reference_rmse", guardrail: "{ metric: reference_mae, max_relative_regression: 0.02 }" };
    case "binary":
      return {
        primary: "reference_log_loss",
        guardrail: "{ metric: reference_roc_auc, max_absolute_regression: 0.01 }",
      };
    case "multiclass":
      return {
        primary: "reference_log_loss",
        guardrail: "{ metric: reference_accuracy, max_absolute_regression: 0.01 }",
      };
  }
}
