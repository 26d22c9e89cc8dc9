import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { isTestSql, joinKeySql, keyTextSql } from "../../splits/make/membership.ts";
import { typedView } from "./gather-profile.ts";
import type { ProposedSplit } from "./infer-split.ts";
import { columnOf, type TableProfile } from "./profile.ts";

/** Row counts that a proposed split would give, computed on the table itself. */
export interface TriedSplit {
  readonly split: ProposedSplit;
  readonly trainRows: number;
  readonly referenceRows: number;
  /** Groups of each side; rows where the split has no group. */
  readonly trainUnits: number;
  readonly referenceUnits: number;
  /** Reference rows that equal a train row in every column but the key. */
  readonly duplicates: number;
}

/** Salts tried if few groups leave a side too small: one salt is as good as another, and the split never sees a model. */
const saltsTried = 20;

/** A comparison resamples rows (or groups) of the reference test, and one of them resamples to itself. */
const leastReference = 2;
/** Two folds of two rows: with one row to fit on, a target is constant. */
const leastTrainRows = 4;
/** Folds keep groups whole. */
const leastTrainUnits = 2;
/** A fifth of them is the reference test. */
const leastRows = 5 * leastReference;

/** The time before which 80 % of the rows are; the start of a day if the table spans many. */
export async function proposeCutoff(duck: Duck, time: string, kept: string): Promise<string> {
  const column = identifier(time);
  const row = await duck.row(
    `SELECT strftime(q, '%Y-%m-%dT%H:%M:%SZ') AS exact, strftime(q, '%Y-%m-%d') AS day, date_diff('day', low, q) AS days_before,
       q > low AS is_inside, strftime(high, '%Y-%m-%dT%H:%M:%SZ') AS latest
     FROM (SELECT quantile_disc(${column}, 0.8) AS q, min(${column}) AS low, max(${column}) AS high FROM ${typedView} WHERE ${kept})`,
  );
  // More than four fifths of the rows have the earliest time: the rest is later.
  if (row.is_inside !== true) return String(row.latest);
  return Number(row.days_before) >= 10 ? String(row.day) : String(row.exact);
}

/** Rows that no rule excludes. */
export async function keptRows(duck: Duck, kept: string): Promise<number> {
  return count((await duck.row(`SELECT count(*) AS n FROM ${typedView} WHERE ${kept}`)).n);
}

/**
 * Refuses a table with fewer rows than a split, two folds and a comparison need.
 * @throws projects/invalid
 */
export function refuseFewRows(file: string, rows: number): void {
  if (rows >= leastRows) return;
  throw new AppError({
    code: "projects/invalid",
    message: `${file} has ${rows} usable row${rows === 1 ? "" : "s"}, and a project needs at least ${leastRows}.`,
    hint: `A fifth of the rows is the reference test, and a comparison needs ${leastReference} rows there; two folds of the rest need ${leastTrainRows} rows. Add rows. (The default gate compares two models on 200 reference rows or more.)`,
    details: { file, rows, least: leastRows },
  });
}

/** @throws projects/undecided if no salt gives each side the rows and groups it needs */
export async function trySplit(
  duck: Duck,
  profile: TableProfile,
  request: { readonly split: ProposedSplit; readonly key: readonly string[]; readonly kept: string },
): Promise<TriedSplit> {
  let tried: TriedSplit | undefined;
  for (let attempt = 1; attempt <= saltsTried; attempt++) {
    const salt = attempt === 1 ? request.split.salt : `${request.split.salt}.${attempt}`;
    tried = await countSides(duck, profile, { ...request, split: { ...request.split, salt } });
    if (isEnough(tried)) return tried;
    if (request.split.strategy === "temporal") break;
  }
  const { split } = request;
  const what = split.group.length > 0 ? `groups of ${split.group.join(", ")}` : "rows";
  throw new AppError({
    code: "projects/undecided",
    message: `How should ${profile.file} be split? It has too few ${what} for a ${split.strategy} split: ${tooFew(tried)}.`,
    hint: "Choose another --group or --time, omit one of them, or provide more rows.",
    details: { decision: "split", strategy: split.strategy, train: tried?.trainRows, reference: tried?.referenceRows },
  });
}

function isEnough(tried: TriedSplit): boolean {
  const isReference = tried.referenceUnits >= leastReference;
  return isReference && tried.trainRows >= leastTrainRows && tried.trainUnits >= leastTrainUnits;
}

/** "the train set would have 1 row, and two folds need 4" */
function tooFew(tried: TriedSplit | undefined): string {
  const leastUnits = leastReference + leastTrainUnits;
  const units = tried === undefined ? 0 : tried.trainUnits + tried.referenceUnits;
  if (tried?.split.strategy === "group_hash" && units < leastUnits)
    return `it has ${units}, and ${leastUnits} are the fewest, because a comparison needs ${leastReference} in the reference test and two folds need ${leastTrainUnits} in the train set`;
  if (tried === undefined || tried.trainRows === 0 || tried.referenceRows === 0) return "one side would be empty";
  const unit = tried.split.group.length > 0 ? "group" : "row";
  const would = (side: string, count: number, one: string) =>
    `the ${side} would have ${count} ${one}${count === 1 ? "" : "s"}`;
  if (tried.referenceUnits < leastReference)
    return `${would("reference test", tried.referenceUnits, unit)}, and a comparison needs ${leastReference}`;
  return tried.trainRows < leastTrainRows
    ? `${would("train set", tried.trainRows, "row")}, and two folds need ${leastTrainRows}`
    : `${would("train set", tried.trainUnits, unit)}, and two folds need ${leastTrainUnits}`;
}

async function countSides(
  duck: Duck,
  profile: TableProfile,
  { split, key, kept }: { readonly split: ProposedSplit; readonly key: readonly string[]; readonly kept: string },
): Promise<TriedSplit> {
  const typeOf = (name: string): ColumnType => columnOf(profile, name)?.type ?? "string";
  const hashed = split.group.length > 0 ? split.group : key;
  const texts = hashed.map((name) => keyTextSql(typeOf(name), identifier(name)) ?? "''");
  const isTest = isTestSql(split.salt, joinKeySql(texts), split.testBasisPoints);
  const isLater =
    split.column === null || split.cutoff === null
      ? "true"
      : `${identifier(split.column)} >= ${literal(split.cutoff)}::TIMESTAMPTZ::TIMESTAMP`;
  const isReference = split.strategy === "temporal" ? isLater : `(${isTest}) AND ${isLater}`;
  const isTrain = split.strategy === "group_temporal" ? `NOT (${isTest}) AND NOT (${isLater})` : `NOT (${isReference})`;
  const others = profile.columns.map(({ name }) => name).filter((name) => !key.includes(name));
  const grouped = others.length > 0 ? `GROUP BY ${others.map(identifier).join(", ")}` : "";
  const row = await duck.row(
    `SELECT coalesce(sum(train), 0)::BIGINT AS train, coalesce(sum(reference), 0)::BIGINT AS reference,
       coalesce(sum(reference) FILTER (train > 0), 0)::BIGINT AS duplicates
     FROM (SELECT count(*) FILTER (${isTrain}) AS train, count(*) FILTER (${isReference}) AS reference
       FROM ${typedView} WHERE ${kept} ${grouped})`,
  );
  const sides = { trainRows: count(row.train), referenceRows: count(row.reference) };
  return {
    split,
    ...sides,
    ...(await unitsOf(duck, sides, { split, kept, isTrain, isReference })),
    duplicates: others.length > 0 ? count(row.duplicates) : 0,
  };
}

async function unitsOf(
  duck: Duck,
  { trainRows, referenceRows }: Pick<TriedSplit, "trainRows" | "referenceRows">,
  it: {
    readonly split: ProposedSplit;
    readonly kept: string;
    readonly isTrain: string;
    readonly isReference: string;
  },
): Promise<Pick<TriedSplit, "trainUnits" | "referenceUnits">> {
  if (it.split.group.length === 0) return { trainUnits: trainRows, referenceUnits: referenceRows };
  const row = await duck.row(
    `SELECT count(*) FILTER (train)::BIGINT AS train, count(*) FILTER (reference)::BIGINT AS reference
     FROM (SELECT bool_or(${it.isTrain}) AS train, bool_or(${it.isReference}) AS reference
       FROM ${typedView} WHERE ${it.kept} GROUP BY ${it.split.group.map(identifier).join(", ")})`,
  );
  return { trainUnits: count(row.train), referenceUnits: count(row.reference) };
}

/**
 * Reference rows that would equal a train row by chance if the columns were independent: two rows agree in a column with
 * probability Σ p² over the shares p of its values. Few columns with few values give many; a measured number gives almost none.
 */
export async function expectedDuplicates(
  duck: Duck,
  { trainRows, referenceRows }: TriedSplit,
  { columns, kept }: { readonly columns: readonly string[]; readonly kept: string },
): Promise<number> {
  let agree = 1;
  for (const name of columns) {
    const row = await duck.row(
      `SELECT sum((n / total) ** 2) AS agree FROM (SELECT n, sum(n) OVER () AS total FROM
         (SELECT count(*)::DOUBLE AS n FROM ${typedView} WHERE ${kept} GROUP BY ${identifier(name)}))`,
    );
    agree *= Number(row.agree);
  }
  return referenceRows * (1 - (1 - agree) ** trainRows);
}
