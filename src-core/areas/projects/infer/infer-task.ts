import { withArticle } from "../../../../src-view/names.ts";
import { counted } from "../../../../src-view/numbers.ts";
import type { Task } from "../../../contract/configs/project-config.ts";
import { AppError } from "../../../contract/errors.ts";
import { nearest } from "../../../contract/nearest.ts";
import { listed } from "./missing-markers.ts";
import { choosePositiveClass, type PositiveClass, refusePositiveClass } from "./positive-class.ts";
import { type ColumnProfile, columnOf, filledRows, type TableProfile } from "./profile.ts";

export interface TaskDecision {
  readonly task: Task;
  readonly reason: string;
  /** The class whose probability a binary model predicts; null for other tasks. */
  readonly positiveClass: PositiveClass | null;
}

/** Distinct whole numbers up to which a target could be classes as well as amounts. */
const fewNumbers = 20;
/** Distinct strings above which a target is hardly a set of classes. */
const manyClasses = 50;

/** @throws projects/invalid for a target that is missing, null or constant; the nearest column is named */
export function targetColumn(profile: TableProfile, target: string): ColumnProfile {
  const column = columnOf(profile, target);
  const names = profile.columns.map(({ name }) => name);
  if (!column) {
    const near = nearest(target, names);
    throw new AppError({
      code: "projects/invalid",
      message: `${profile.file} doesn't have the column \`${target}\`${near === undefined ? "" : ` — did you mean \`${near}\`?`}`,
      hint: `Columns: ${names.join(", ")}.`,
      details: { file: profile.file, column: target, nearest: near, columns: names },
    });
  }
  const refuse = (reason: string, hint: string) =>
    new AppError({
      code: "projects/invalid",
      message: `The target \`${target}\` of ${profile.file} ${reason}.`,
      hint,
      details: { file: profile.file, column: target },
    });
  if (filledRows(column) === 0) {
    throw refuse("is null in every row", "Choose another target, or a table in which it was measured.");
  }
  if (column.distinct === 1) throw refuse(...constant(column));
  if (column.unfit !== null) throw refuse(`has ${column.unfit}`, "Change it in the table, or choose another target.");
  if (column.type === null || column.type === "struct" || column.type === "list" || column.type === "timestamp") {
    throw refuse(
      `is ${withArticle(column.type ?? column.sourceType)}`,
      "A target is a number, a truth value or a class: compute one from it (for a time, the difference to another).",
    );
  }
  return column;
}

/** Why a target is constant, and what to do: its texts may say more than what is read. */
function constant({ type, missing, values }: ColumnProfile): readonly [string, string] {
  const only = "There is nothing to predict: choose a target that varies.";
  if (missing.length > 0)
    return [
      `has one value in every row, apart from ${listed(missing)}, which is read as no value`,
      `${only} If that is a class, \`--target-markers class\` makes it one.`,
    ];
  if (type === "bool")
    return [
      `has one value in every row: each is read as ${String(values?.[0]?.value)}`,
      `${only} If its spellings are classes, give them other words in the table.`,
    ];
  return ["has one value in every row", only];
}

/**
 * The task that the target's values imply without doubt, or the one that was named, and the positive class of a binary one.
 * @throws projects/undecided if both amounts and classes are possible
 * @throws projects/invalid for a task or a positive class that the values don't allow
 */
export function inferTask(
  column: ColumnProfile,
  requested: { readonly task: Task | undefined; readonly positive: string | undefined },
): TaskDecision {
  const decided = requested.task === undefined ? impliedTask(column) : namedTask(column, requested.task);
  if (decided.task === "binary") return { ...decided, positiveClass: choosePositiveClass(column, requested.positive) };
  refusePositiveClass(column, decided.task, requested.positive);
  return { ...decided, positiveClass: null };
}

type TaskAlone = Omit<TaskDecision, "positiveClass">;

function namedTask(column: ColumnProfile, task: Task): TaskAlone {
  refuseImpossible(column, task);
  return { task, reason: "as given" };
}

function impliedTask(column: ColumnProfile): TaskAlone {
  if (column.distinct === 2 && (column.type !== "float" || isZeroOne(column))) {
    return { task: "binary", reason: `\`${column.name}\` has two values` };
  }
  if (column.type === "float") return regression(column, "numbers with fractions");
  if (column.type === "int") {
    if (column.distinct > fewNumbers) return regression(column, `${column.distinct} different whole numbers`);
    throw undecided(column, `has ${column.distinct} different whole numbers: amounts, or names of classes?`, [
      "regression",
      "multiclass",
    ]);
  }
  if (column.isForeignNumber && column.distinct > 2) {
    throw new AppError({
      code: "projects/undecided",
      message: `Which task is it? The target \`${column.name}\` is text: numbers with a decimal comma, thousands apart, or a currency or percent sign.`,
      hint: "For amounts, write them as plain numbers (1234.5) where the table is made; if they name classes, use --task multiclass.",
      details: { decision: "task", column: column.name, choices: ["regression", "multiclass"] },
    });
  }
  if (column.notNumber !== null && column.distinct > fewNumbers) {
    throw new AppError({
      code: "projects/undecided",
      message: `Which task is it? The target \`${column.name}\` is ${column.notNumber}.`,
      hint: "For amounts, write those values as plain numbers (1234.5) or leave them empty where the table is made; if they name classes, use --task multiclass.",
      details: { decision: "task", column: column.name, choices: ["regression", "multiclass"] },
    });
  }
  if (column.distinct <= manyClasses && canBeClasses(column)) {
    return { task: "multiclass", reason: `\`${column.name}\` has ${counted(column.distinct, "class", "classes")}` };
  }
  if (canBeClasses(column))
    throw undecided(column, `is text with ${counted(column.distinct, "different value")}; that is many for classes`, [
      "multiclass",
    ]);
  throw impossible(column, {
    reason: `${counted(column.distinct, "different string")} in ${counted(filledRows(column), "row")} are too many for classes`,
    hint: otherTasks(column),
  });
}

function regression(column: ColumnProfile, what: string): TaskAlone {
  return { task: "regression", reason: `\`${column.name}\` holds ${what}` };
}

function isZeroOne(column: ColumnProfile): boolean {
  return column.min === 0 && column.max === 1;
}

function undecided(column: ColumnProfile, reason: string, tasks: readonly Task[]): AppError {
  return new AppError({
    code: "projects/undecided",
    message: `Which task is it? The target \`${column.name}\` ${reason}`,
    hint: `Choose one: ${tasks.map((task) => `--task ${task}`).join(" or ")}.`,
    details: { decision: "task", column: column.name, choices: tasks },
  });
}

/** At least two rows per class on average are needed to learn anything. */
function canBeClasses(column: ColumnProfile): boolean {
  return column.distinct <= filledRows(column) / 2;
}

/** Suggests what is possible for this target, by the same rules that refuse a task. */
function otherTasks(column: ColumnProfile): string {
  const possible = [
    ...(column.type === "int" || column.type === "float" ? ["regression"] : []),
    ...(column.distinct === 2 ? ["binary"] : []),
    ...(column.distinct > 2 && canBeClasses(column) ? ["multiclass"] : []),
  ];
  return possible.length === 0
    ? "No task fits: group the values into classes where the table is made, or choose another target."
    : `Use ${possible.map((task) => `--task ${task}`).join(" or ")}, or another target.`;
}

function impossible(
  column: ColumnProfile,
  it: { readonly task?: Task; readonly reason: string; readonly hint: string },
): AppError {
  const what = it.task === undefined ? "the target" : `the target of a ${it.task} task`;
  return new AppError({
    code: "projects/invalid",
    message: `\`${column.name}\` can't be ${what}: ${it.reason}.`,
    hint: it.hint,
    details: { column: column.name, ...(it.task === undefined ? {} : { task: it.task }) },
  });
}

function refuseImpossible(column: ColumnProfile, task: Task): void {
  const refuse = (reason: string, hint = otherTasks(column)) => {
    throw impossible(column, { task, reason, hint });
  };
  if (task === "regression" && column.type !== "int" && column.type !== "float") {
    refuse(
      `it is ${withArticle(column.type ?? column.sourceType)}`,
      column.isForeignNumber
        ? "Write its numbers plainly (1234.5) where the table is made: no decimal comma, thousands apart, currency or percent sign."
        : otherTasks(column),
    );
  }
  if (task === "binary" && column.distinct !== 2) {
    const markers = column.classMarkers?.texts ?? [];
    const means = markers.length === 1 ? "means" : "mean";
    const other = `If ${listed(markers)} ${means} that the value is missing, use --target-markers missing. `;
    refuse(
      `it has ${counted(column.distinct, "value")}, not 2`,
      `${markers.length > 0 ? other : ""}${otherTasks(column)}`,
    );
  }
  if (task === "multiclass" && !canBeClasses(column))
    refuse(`${counted(column.distinct, "class", "classes")} in ${counted(filledRows(column), "row")}`);
}
