import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { isTestSql, joinKeySql, keyTextSql } from "../../splits/make/membership.ts";
import { balanceClasses } from "./balance-classes.ts";
import { typedView } from "./gather-profile.ts";
import type { ProposedSplit } from "./infer-split.ts";
import { columnOf, type TableProfile } from "./profile.ts";

/** Row counts that a proposed split would give, computed on the table itself. */
export interface TriedSplit {
  readonly split: ProposedSplit;
  readonly trainRows: number;
  readonly referenceRows: number;
  /** Reference rows that equal a train row in every column but the key. */
  readonly duplicates: number;
}

/** Salts tried if few groups leave a side empty: one salt is as good as another, and the split never sees a model. */
const saltsTried = 20;

/** The year before which the share of the rows is nearest to 80 %: a year is whole on one side. */
export async function proposeYear(duck: Duck, time: string, kept: string): Promise<number> {
  const rows = await duck.rows(
    `SELECT year FROM (SELECT year, sum(n) OVER (ORDER BY year) - n AS earlier, sum(n) OVER () AS total FROM
       (SELECT ${identifier(time)} AS year, count(*) AS n FROM ${typedView} WHERE ${kept} GROUP BY 1))
     ORDER BY earlier = 0, abs(earlier / total - 0.8), year LIMIT 1`,
  );
  return Number(rows[0]?.year);
}

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

/** @throws projects/undecided if no salt gives rows to both sides */
export async function trySplit(
  duck: Duck,
  profile: TableProfile,
  request: {
    readonly split: ProposedSplit;
    readonly key: readonly string[];
    readonly kept: string;
    /** The target, if its values are classes. */
    readonly classes: string | null;
  },
): Promise<TriedSplit> {
  const { classes } = request;
  if (request.split.strategy === "stratified_hash" && classes !== null) {
    const split = await balanceClasses(duck, profile, { ...request, target: classes });
    const balanced = await countSides(duck, profile, { ...request, split });
    if (balanced.trainRows > 0 && balanced.referenceRows > 0) return balanced;
  }
  let tried: TriedSplit | undefined;
  for (let attempt = 1; attempt <= saltsTried; attempt++) {
    const salt = attempt === 1 ? request.split.salt : `${request.split.salt}.${attempt}`;
    tried = await countSides(duck, profile, { ...request, split: { ...request.split, salt } });
    if (tried.trainRows > 0 && tried.referenceRows > 0) return tried;
    if (request.split.strategy === "temporal") break;
  }
  const { split } = request;
  const what = split.group.length > 0 ? `groups of ${split.group.join(", ")}` : "rows";
  throw new AppError({
    code: "projects/undecided",
    message: `How should ${profile.file} be split? It has too few ${what} for a ${split.strategy} split: one side would be empty.`,
    hint: "Choose another --group or --time, omit one of them, or provide more rows.",
    details: { decision: "split", strategy: split.strategy, train: tried?.trainRows, reference: tried?.referenceRows },
  });
}

/** Classes of the target that only one side of the split has: not learned, or not measured. */
export async function oneSidedClasses(
  duck: Duck,
  profile: TableProfile,
  it: {
    readonly split: ProposedSplit;
    readonly key: readonly string[];
    readonly kept: string;
    readonly target: string;
  },
): Promise<readonly string[]> {
  const { isTrain, isReference } = sideConditions(profile, it);
  const rows = await duck.rows(
    `SELECT ${identifier(it.target)}::VARCHAR AS class FROM ${typedView} WHERE ${it.kept} GROUP BY 1
     HAVING count(*) FILTER (${isTrain}) = 0 OR count(*) FILTER (${isReference}) = 0 ORDER BY 1`,
  );
  return rows.map((row) => String(row.class));
}

/** SQL of the rows of each side, by the rules of a run. */
function sideConditions(
  profile: TableProfile,
  { split, key }: { readonly split: ProposedSplit; readonly key: readonly string[] },
): { readonly isTrain: string; readonly isReference: string } {
  const typeOf = (name: string): ColumnType => columnOf(profile, name)?.type ?? "string";
  const hashed = split.group.length > 0 ? split.group : key;
  const texts = hashed.map((name) => keyTextSql(typeOf(name), identifier(name)) ?? "''");
  const isTest = isTestSql(split.salt, joinKeySql(texts), split.testBasisPoints);
  const isLater =
    split.column === null || split.cutoff === null
      ? "true"
      : `${identifier(split.column)} >= ${typeof split.cutoff === "number" ? split.cutoff : `${literal(split.cutoff)}::TIMESTAMPTZ::TIMESTAMP`}`;
  const isReference = split.strategy === "temporal" ? isLater : `(${isTest}) AND ${isLater}`;
  const isTrain = split.strategy === "group_temporal" ? `NOT (${isTest}) AND NOT (${isLater})` : `NOT (${isReference})`;
  return { isTrain, isReference };
}

async function countSides(
  duck: Duck,
  profile: TableProfile,
  { split, key, kept }: { readonly split: ProposedSplit; readonly key: readonly string[]; readonly kept: string },
): Promise<TriedSplit> {
  const { isTrain, isReference } = sideConditions(profile, { split, key });
  const others = profile.columns.map(({ name }) => name).filter((name) => !key.includes(name));
  const grouped = others.length > 0 ? `GROUP BY ${others.map(identifier).join(", ")}` : "";
  const row = await duck.row(
    `SELECT coalesce(sum(train), 0)::BIGINT AS train, coalesce(sum(reference), 0)::BIGINT AS reference,
       coalesce(sum(reference) FILTER (train > 0), 0)::BIGINT AS duplicates
     FROM (SELECT count(*) FILTER (${isTrain}) AS train, count(*) FILTER (${isReference}) AS reference
       FROM ${typedView} WHERE ${kept} ${grouped})`,
  );
  return {
    split,
    trainRows: count(row.train),
    referenceRows: count(row.reference),
    duplicates: others.length > 0 ? count(row.duplicates) : 0,
  };
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
