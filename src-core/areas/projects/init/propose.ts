import path from "node:path";
import type { Task } from "../../../contract/configs/project-config.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { findConsequences } from "../infer/find-consequences.ts";
import { findSentinels } from "../infer/find-sentinels.ts";
import { findTextNumbers } from "../infer/find-text-numbers.ts";
import { gatherProfile } from "../infer/gather-profile.ts";
import { percent, proposeColumns } from "../infer/infer-contract.ts";
import { type ProposedFeatures, proposeFeatures } from "../infer/infer-features.ts";
import { decideKey } from "../infer/infer-key.ts";
import { checkGroup, checkTime, isYears, proposeSplit } from "../infer/infer-split.ts";
import { inferTask, targetColumn, withoutNullClasses } from "../infer/infer-task.ts";
import { columnOf, type TableProfile, type ValueCount } from "../infer/profile.ts";
import {
  expectedDuplicates,
  oneSidedClasses,
  proposeCutoff,
  proposeYear,
  type TriedSplit,
  trySplit,
} from "../infer/try-proposed-split.ts";
import { describeSentinel, describeTextNumbers } from "./describe-values.ts";
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
  /** The positive class as it was typed. */
  readonly positive: string | undefined;
  readonly acceptDuplicates: boolean;
}

/** Share of the reference above which equal rows on both sides stop a run; the default of the split schema. */
const maxDuplicateShare = 0.01;
/** How many times the equal rows expected by chance are still explained by columns that depend on each other. */
const chanceFactor = 3;
/** Expected reference rows below which the default gate can't compare anything. */
const gateUnits = 200;

/**
 * Proposes everything that a new project consists of, from the table alone.
 * @throws projects/invalid, projects/undecided naming the missing decision, splits/master-unreadable
 */
export async function proposeProject(duck: Duck, request: TableRequest): Promise<Proposal> {
  const gathered = await gatherProfile(duck, { path: request.table, name: request.shownTable });
  checkShape(gathered);
  const { target } = request;
  const { profile, nullClasses } = withoutNullClasses(gathered, target);
  const task = inferTask(targetColumn(profile, target), request);
  const named = namedColumns(profile, request);
  checkGroup(profile, named.group, target);
  if (request.time !== null) checkTime(profile, request.time);
  const roles = [...named.group, ...(request.time === null ? [] : [request.time])];
  const key = await decideKey(duck, profile, { target, key: named.key, preferred: roles });
  const exclude = excludeRules(profile, { target, roles, nullClasses });
  const kept = exclude.length === 0 ? "true" : exclude.map(({ sql }) => `NOT (${sql})`).join(" AND ");
  const cutoff = await cutOff(duck, profile, { time: request.time, kept });
  const proposed = proposeSplit({ ...request, group: named.group, cutoff });
  const classes = task.task === "regression" ? null : target;
  const split = await trySplit(duck, profile, { split: proposed, key: key.key, kept, classes });
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
    oneSidedClasses:
      classes === null || split.split.strategy === "stratified_hash"
        ? []
        : await oneSidedClasses(duck, profile, { split: split.split, key: key.key, kept, target }),
    rareClasses: rareClassesOf(profile, target, task.task),
    key,
    columns: proposeColumns(profile, {
      target,
      isClass: task.task !== "regression",
      roles: [...key.key, ...roles],
      consequences: [...consequences.keys()],
    }),
    hasUndeclared: profile.columns.some(({ type }) => type === null),
    exclude,
    sides: roles,
    sentinels: await findSentinels(duck, profile, { kept, skipped: classes }),
    textNumbers: await findTextNumbers(duck, profile),
    split,
    acceptsDuplicates,
    features,
  };
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
  const long = profile.columns.find(({ name }) => name.length > longestName || name === "__proto__");
  if (long) {
    throw refuse(
      `${profile.file} has a column whose name can't be used: ${long.name.slice(0, 60)}.`,
      "Rename it in the table.",
    );
  }
}

/** `--key a,b` may arrive as one string; a column that really is called "a,b" wins. */
function namedColumns(
  profile: TableProfile,
  request: Pick<TableRequest, "key" | "group">,
): { readonly key: readonly string[] | undefined; readonly group: readonly string[] } {
  const apart = (names: readonly string[]) => [
    ...new Set(
      names.flatMap((name) => (columnOf(profile, name) ? [name] : name.split(",").map((part) => part.trim()))),
    ),
  ];
  return { key: request.key && apart(request.key), group: apart(request.group) };
}

function excludeRules(
  profile: TableProfile,
  {
    target,
    roles,
    nullClasses,
  }: { readonly target: string; readonly roles: readonly string[]; readonly nullClasses: readonly string[] },
): readonly ExcludeRule[] {
  const rules: ExcludeRule[] = [];
  const outcome = columnOf(profile, target);
  const column = identifier(target);
  if (outcome && outcome.nulls + outcome.infinite > 0) {
    const isFloat = outcome.type === "float";
    const more = isFloat
      ? ` OR NOT isfinite(${column})`
      : nullClasses.length > 0
        ? ` OR ${column} IN (${nullClasses.map(literal).join(", ")})`
        : "";
    rules.push({
      name: "target_missing",
      sql: `${column} IS NULL${more}`,
      reason: `no ${isFloat ? "finite " : ""}value of the target ${target}: nothing to learn from or to score`,
    });
  }
  for (const [index, name] of [...new Set(roles)].entries()) {
    const role = columnOf(profile, name);
    if (!role || role.nulls === 0) continue;
    rules.push({
      name: `no_side_${index + 1}`,
      sql: `${identifier(name)} IS NULL`,
      reason: `no ${name}: the row belongs to no side of the split`,
    });
  }
  return rules;
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
  if (split.duplicates <= split.referenceRows * maxDuplicateShare) return false;
  if (request.isAccepted) return true;
  const others = profile.columns.filter(({ name }) => !key.includes(name));
  const byChance = await expectedDuplicates(duck, split, {
    columns: others.map(({ name }) => name),
    kept: request.kept,
  });
  if (split.duplicates <= byChance * chanceFactor) return true;
  throw new AppError({
    code: "projects/undecided",
    message: `Are repeated rows separate observations? ${split.duplicates} of ${split.referenceRows} reference rows (${percent(split.duplicates, split.referenceRows)}) equal a train row in every column but ${key.join(", ")}; chance alone would give about ${Math.round(byChance)}.`,
    hint: "If one observation was recorded twice, drop the repeats in the table. If they are separate observations, use --accept-duplicates. If they belong together, keep them on one side with --group COLUMN.",
    details: { decision: "duplicates", duplicates: split.duplicates, byChance, referenceRows: split.referenceRows },
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
  const listed = rareClasses
    .slice(0, 5)
    .map(({ value, rows }) => `${value} (${rows === 1 ? "1 row" : `${rows} rows`})`);
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

/** The proposal in words, for the person responsible for it. Pure. */
export function decisionsOf(proposal: Proposal): readonly Decision[] {
  const { task, key, split, features, exclude } = proposal;
  const isSmall = split.referenceRows < gateUnits;
  return [
    { topic: "task", choice: task.task, reason: task.reason },
    ...(task.positiveClass === null
      ? []
      : [{ topic: "positive class", choice: String(task.positiveClass.value), reason: task.positiveClass.reason }]),
    { topic: "key", choice: key.key.join(", "), reason: key.reason },
    {
      topic: "split",
      choice: `${split.split.strategy}: about ${split.trainRows} rows to train on, ${split.referenceRows} in the reference test`,
      reason: split.split.reason,
    },
    ...rareClassDecision(proposal),
    ...oneSidedDecision(proposal),
    ...exclude.map(({ sql, reason }) => ({ topic: "excluded rows", choice: sql, reason })),
    ...proposal.sentinels.map((it) => describeSentinel(it, proposal)),
    ...proposal.textNumbers.map((it) => describeTextNumbers(it, proposal)),
    ...(proposal.acceptsDuplicates
      ? [
          {
            topic: "duplicates",
            choice: "accepted",
            reason: `${split.duplicates} reference rows equal a train row in every column but the key`,
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
        ? `the first model is promoted; later ones need min_units: ${gateUnits} reference rows, and about ${split.referenceRows} are expected`
        : "better on the primary metric beyond chance, not worse on the guardrail",
    },
  ];
}
