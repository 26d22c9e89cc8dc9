import path from "node:path";
import { counted, formatCount } from "../../../../src-view/numbers.ts";
import type { Task } from "../../../contract/configs/project-config.ts";
import { AppError } from "../../../contract/errors.ts";
import { listedNames } from "../../../contract/listed-names.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { keptRows, refuseFewRows } from "../infer/enough-rows.ts";
import { findConsequences } from "../infer/find-consequences.ts";
import { findSentinels } from "../infer/find-sentinels.ts";
import { findTextNumbers } from "../infer/find-text-numbers.ts";
import { gatherProfile } from "../infer/gather-profile.ts";
import { percent, proposeColumns } from "../infer/infer-contract.ts";
import { type ProposedFeatures, proposeFeatures } from "../infer/infer-features.ts";
import { decideKey, type KeyDecision } from "../infer/infer-key.ts";
import { checkGroup, checkTime, isYears, proposeSplit } from "../infer/infer-split.ts";
import { inferTask, targetColumn } from "../infer/infer-task.ts";
import type { TargetMarkers } from "../infer/missing-markers.ts";
import { type ColumnProfile, columnOf, type TableProfile, type ValueCount } from "../infer/profile.ts";
import { withoutRowCounters } from "../infer/row-counters.ts";
import { findSimilarValues } from "../infer/similar-values.ts";
import {
  expectedDuplicates,
  oneSidedClasses,
  proposeCutoff,
  proposeYear,
  type TriedSplit,
  trySplit,
} from "../infer/try-proposed-split.ts";
import { describeSentinel, describeSimilar, describeTextNumbers } from "./describe-values.ts";
import { markerDecisions } from "./marker-decisions.ts";
import type { ExcludeRule, Proposal } from "./render.ts";

interface TableRequest {
  /** Absolute. */
  readonly table: string;
  /** As it was typed. */
  readonly shownTable: string;
  readonly name: string;
  /** Project-relative path the table will have. */
  readonly master: string;
  readonly target: string;
  readonly key: readonly string[] | undefined;
  readonly group: readonly string[];
  readonly time: string | null;
  readonly task: Task | undefined;
  readonly targetMarkers: TargetMarkers | undefined;
  /** The positive class as it was typed. */
  readonly positive: string | undefined;
  readonly acceptDuplicates: boolean;
}

/** How many times the equal rows expected by chance are still explained by columns that depend on each other. */
const chanceFactor = 3;
/** Expected reference rows below which the default gate can't compare anything. */
const gateUnits = 200;

/**
 * Proposes everything that a new project consists of, from the table alone.
 * @throws projects/invalid, projects/undecided naming the missing decision, splits/master-unreadable
 */
export async function proposeProject(duck: Duck, request: TableRequest): Promise<Proposal> {
  const { target } = request;
  const whole = await gatherProfile(duck, {
    path: request.table,
    name: request.shownTable,
    roles: { target, codes: codesOf(request), targetMarkers: request.targetMarkers },
  });
  checkShape(whole);
  const task = inferTask(targetColumn(whole, target), request);
  const named = namedColumns(whole, request);
  const inRoles = [target, ...(named.key ?? []), ...named.group, ...(request.time === null ? [] : [request.time])];
  const { profile, counters } = await withoutRowCounters(duck, whole, inRoles);
  checkGroup(profile, named.group, target);
  if (request.time !== null) checkTime(profile, request.time);
  const roles = [...named.group, ...(request.time === null ? [] : [request.time])];
  const key = await decideKey(duck, profile, { target, key: named.key, preferred: roles });
  const exclude = excludeRules(profile, { target, roles });
  const kept = exclude.length === 0 ? "true" : exclude.map(({ sql }) => `NOT (${sql})`).join(" AND ");
  refuseFewRows(profile.file, await keptRows(duck, kept));
  const cutoff = await cutOff(duck, profile, { time: request.time, kept });
  const proposed = proposeSplit({ ...request, group: named.group, cutoff });
  const classes = task.task === "regression" ? null : target;
  const split = await trySplit(duck, profile, { split: proposed, key, kept, classes });
  const acceptsDuplicates = await decideDuplicates(duck, profile, {
    split,
    key: key.key,
    kept,
    isAccepted: request.acceptDuplicates,
  });
  const consequences = await findConsequences(duck, profile, {
    target,
    task: task.task,
    skipped: [...key.key, ...roles],
    kept,
  });
  const features = proposeFeatures(profile, { target, key: key.key, group: named.group, consequences });
  checkFeatures(profile, features);
  return {
    name: request.name,
    source: path.basename(request.table),
    master: request.master,
    rows: profile.rows,
    target,
    task,
    markers: markerDecisions(profile, target),
    oneSidedClasses:
      classes === null || split.split.strategy === "stratified_hash"
        ? []
        : await oneSidedClasses(duck, profile, { split: split.split, key, kept, target }),
    rareClasses: rareClassesOf(profile, target, task.task),
    key,
    columns: proposeColumns(whole, {
      target,
      isClass: task.task !== "regression",
      roles: [...key.key, ...roles],
      consequences: [...consequences.keys()],
      counters: counters.map(({ name }) => name),
    }),
    warnings: profile.remarks.map(({ what, why }) => `${what}: ${why}`),
    counters: counters.map(({ name }) => name),
    hasUndeclared: profile.columns.some(({ type }) => type === null),
    exclude,
    sides: roles,
    sentinels: await findSentinels(duck, profile, { kept, skipped: classes }),
    textNumbers: await findTextNumbers(duck, profile),
    similar: await findSimilarValues(duck, categoriesOf(profile, { classes, group: named.group, features })),
    split,
    acceptsDuplicates,
    features: { ...features, leftOut: [...counters.map(counterLeftOut), ...features.leftOut] },
  };
}

/** Columns in which each spelling is a value of its own: classes, groups, categories. */
function categoriesOf(
  profile: TableProfile,
  it: { readonly classes: string | null; readonly group: readonly string[]; readonly features: ProposedFeatures },
): readonly ColumnProfile[] {
  const { onehot, targetEncoded } = it.features;
  const names = [it.classes, ...it.group, ...onehot, ...targetEncoded];
  return profile.columns.filter(({ name }) => names.includes(name));
}

function counterLeftOut({ name }: ColumnProfile) {
  return { column: name, reason: "a row counter: it only numbers the rows in the file's order" };
}

async function cutOff(
  duck: Duck,
  profile: TableProfile,
  { time, kept }: { readonly time: string | null; readonly kept: string },
): Promise<string | number | null> {
  const column = time === null ? undefined : columnOf(profile, time);
  if (column === undefined) return null;
  return isYears(column) ? proposeYear(duck, column.name, kept) : proposeCutoff(duck, column.name, kept);
}

function rareClassesOf(profile: TableProfile, target: string, task: Task): readonly ValueCount[] {
  if (task === "regression") return [];
  return (columnOf(profile, target)?.values ?? []).filter(({ rows }) => rows < fewOfAClass);
}

/** The longest key that YAML accepts without another notation. */
const longestName = 1_000;

function checkShape(profile: TableProfile): void {
  const refuse = (message: string, hint: string) =>
    new AppError({ code: "projects/invalid", message, hint, details: { file: profile.file } });
  if (profile.rows === 0) throw refuse(`${profile.file} has no rows.`, "Choose a table with rows.");
  refuseFewRows(profile.file, profile.rows);
  const long = profile.columns.find(({ name }) => name.length > longestName || name === "__proto__");
  if (long) {
    throw refuse(
      `${profile.file} has a column whose name can't be used: ${long.name.slice(0, 60)}.`,
      "Rename it in the table.",
    );
  }
}

/** Columns whose values name something, as far as the request says so. */
function codesOf({ target, key = [], group, task }: TableRequest): readonly string[] {
  const named = [...key, ...group].flatMap((name) => [name, ...name.split(",").map((part) => part.trim())]);
  return task === undefined || task === "regression" ? named : [...named, target];
}

/** The columns that were named for a role; in one value, they are separated by commas. */
function namedColumns(
  profile: TableProfile,
  request: Pick<TableRequest, "key" | "group">,
): { readonly key: readonly string[] | undefined; readonly group: readonly string[] } {
  const known = profile.columns.map(({ name }) => name);
  return {
    key: request.key && listedNames(request.key, { known, option: "--key" }),
    group: listedNames(request.group, { known, option: "--group" }),
  };
}

function excludeRules(
  profile: TableProfile,
  { target, roles }: { readonly target: string; readonly roles: readonly string[] },
): readonly ExcludeRule[] {
  const rules: ExcludeRule[] = [];
  const outcome = columnOf(profile, target);
  const column = identifier(target);
  if (outcome && outcome.nulls + outcome.infinite > 0) {
    const isFloat = outcome.type === "float";
    rules.push({
      name: "target_missing",
      sql: `${column} IS NULL${isFloat ? ` OR NOT isfinite(${column})` : ""}`,
      reason: `${rowsOf(outcome.nulls + outcome.infinite)} no ${isFloat ? "finite " : ""}value of the target ${target}: nothing to learn from or to score`,
    });
  }
  for (const [index, name] of [...new Set(roles)].entries()) {
    const role = columnOf(profile, name);
    if (!role || role.nulls === 0) continue;
    rules.push({
      name: `no_side_${index + 1}`,
      sql: `${identifier(name)} IS NULL`,
      reason: `${rowsOf(role.nulls)} no ${name}: such a row belongs to no side of the split`,
    });
  }
  return rules;
}

function rowsOf(rows: number): string {
  return `${counted(rows, "row")} ${rows === 1 ? "has" : "have"}`;
}

/**
 * Decides whether equal rows on both sides are accepted.
 * @throws projects/undecided if they look like one observation recorded twice
 */
async function decideDuplicates(
  duck: Duck,
  profile: TableProfile,
  request: {
    readonly split: TriedSplit;
    readonly key: readonly string[];
    readonly kept: string;
    readonly isAccepted: boolean;
  },
): Promise<boolean> {
  const { split, key } = request;
  const { expected } = split;
  if (!split.hasManyDuplicates) return false;
  if (request.isAccepted) return true;
  const others = profile.columns.filter(({ name }) => !key.includes(name));
  const byChance = await expectedDuplicates(duck, expected, {
    columns: others.map(({ name }) => name),
    kept: request.kept,
  });
  if (expected.duplicates <= byChance * chanceFactor) return true;
  const [duplicates, referenceRows] = [Math.ceil(expected.duplicates), Math.round(expected.referenceRows)];
  throw new AppError({
    code: "projects/undecided",
    message: `Are repeated rows separate observations? About ${formatCount(duplicates)} of ${counted(referenceRows, "reference row")} (${percent(duplicates, referenceRows)}) would equal a train row in every column but ${key.join(", ")}; chance alone would give about ${formatCount(Math.round(byChance))}.`,
    hint: "If one observation was recorded twice, drop the repeats in the table. If they are separate observations, use --accept-duplicates. If they belong together, keep them on one side with --group COLUMN.",
    details: { decision: "duplicates", duplicates, byChance, referenceRows },
  });
}

function checkFeatures(profile: TableProfile, features: ProposedFeatures): void {
  const { numeric, onehot, ordinal, targetEncoded, text, datetime } = features;
  if (numeric.length + onehot.length + ordinal.length + targetEncoded.length + text.length + datetime.length > 0)
    return;
  throw new AppError({
    code: "projects/undecided",
    message: `What should the prediction for ${profile.file} be based on? Every column is excluded: ${features.leftOut
      .map(({ column, reason }) => `${column} (${reason})`)
      .join("; ")}.`,
    hint: "Provide a table with more columns, or write the configuration files by hand as the guide's configuration reference describes.",
    details: { decision: "features", leftOut: features.leftOut },
  });
}

/** Rows below which the reference test has too few of a class to say anything about it. */
const fewOfAClass = 20;

function rareClassDecision({ rareClasses, split }: Proposal): readonly Decision[] {
  if (rareClasses.length === 0) return [];
  const listed = rareClasses.slice(0, 5).map(({ value, rows }) => `${value} (${counted(rows, "row")})`);
  const more = rareClasses.length > 5 ? `, and ${rareClasses.length - 5} more` : "";
  return [
    {
      topic: "rare classes",
      choice: `${listed.join(", ")}${more}`,
      reason: `too few to be learned and measured${split.split.strata.length > 0 ? "" : ": one side of the split may have none of them"}; group them, or bring more`,
    },
  ];
}

/** By groups or by time, classes may fall wholly on one side. */
function oneSidedDecision({ oneSidedClasses: names, target }: Proposal): readonly Decision[] {
  if (names.length === 0) return [];
  const more = names.length > 5 ? `, and ${names.length - 5} more` : "";
  return [
    {
      topic: "classes on one side",
      choice: `${names.slice(0, 5).join(", ")}${more}`,
      reason: `only one side of the split has ${names.length === 1 ? "this class" : "these classes"} of ${target}: not learned, or not measured; choose another --group or --time, or group the classes`,
    },
  ];
}

interface Decision {
  readonly topic: string;
  readonly choice: string;
  readonly reason: string;
}

function keyChoice({ key, digestOf }: KeyDecision): string {
  if (digestOf.length === 0) return key.join(", ");
  return `a digest of the values in ${digestOf.length === 1 ? "one column" : counted(digestOf.length, "column")}`;
}

/** The proposal in words, for the person responsible for it. Pure. */
export function decisionsOf(proposal: Proposal): readonly Decision[] {
  const { task, key, split, features, exclude } = proposal;
  const isSmall = split.referenceRows < gateUnits;
  return [
    { topic: "task", choice: task.task, reason: task.reason },
    ...(task.positiveClass === null
      ? []
      : [{ topic: "positive class", choice: String(task.positiveClass.value), reason: task.positiveClass.reason }]),
    ...(proposal.counters.length === 0
      ? []
      : [
          {
            topic: "row counter",
            choice: proposal.counters.join(", "),
            reason:
              "ignored: it only numbers the rows in the file's order, and in another order its numbers belong to other rows; if a row really keeps its number, name it with --key",
          },
        ]),
    { topic: "key", choice: keyChoice(key), reason: key.reason },
    {
      topic: "split",
      choice: `${split.split.strategy}: about ${counted(split.trainRows, "row")} to train on, ${formatCount(split.referenceRows)} in the reference test`,
      reason: split.split.reason,
    },
    ...proposal.markers,
    ...rareClassDecision(proposal),
    ...oneSidedDecision(proposal),
    ...exclude.map(({ sql, reason }) => ({ topic: "excluded rows", choice: sql, reason })),
    ...proposal.sentinels.map((it) => describeSentinel(it, proposal)),
    ...proposal.textNumbers.map((it) => describeTextNumbers(it, proposal)),
    ...proposal.similar.map((it) => describeSimilar(it, proposal)),
    ...(proposal.acceptsDuplicates
      ? [
          {
            topic: "duplicates",
            choice: "accepted",
            reason: `${counted(split.duplicates, "reference row")} ${split.duplicates === 1 ? "equals" : "equal"} a train row in every column but the key`,
          },
        ]
      : []),
    {
      topic: "features",
      choice: `${features.numeric.length} numeric, ${features.onehot.length + features.ordinal.length + features.targetEncoded.length} categorical, ${features.text.length} text, ${features.datetime.length} datetime`,
      reason: `${features.leftOut.length} excluded, each with its reason in configs/features/v1.yaml; remove what is known only after the decision`,
    },
    ...features.ordinal.map(({ column, order }) => ({
      topic: "order",
      choice: `${column}: ${order.join(" < ")}`,
      reason: "a known scale: each value becomes its rank",
    })),
    { topic: "model", choice: "hist_gradient_boosting", reason: "a strong first model for tables" },
    {
      topic: "gate",
      choice: "configs/promotion.yaml",
      reason: isSmall
        ? `the first model is promoted; later ones need min_units: ${gateUnits} reference rows, and about ${formatCount(split.referenceRows)} are expected`
        : "better on the primary metric beyond chance, not worse on the guardrail",
    },
  ];
}
