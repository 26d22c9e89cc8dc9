import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { rowDigestSql } from "../../splits/keys/digest-key.ts";
import { isTestSql, joinKeySql, keyTextSql } from "../../splits/keys/membership.ts";
import { isEnough, tooFew } from "./enough-rows.ts";
import { typedView } from "./gather-profile.ts";
import type { KeyDecision } from "./infer-key.ts";
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
  /** The same counts on average over all salts: what is decided by them doesn't depend on the project's name. */
  readonly expected: ExpectedCounts;
  /** Whether more duplicates are expected than a run lets pass. */
  readonly hasManyDuplicates: boolean;
}

interface ExpectedCounts {
  readonly trainRows: number;
  readonly referenceRows: number;
  readonly duplicates: number;
}

/** Share of the reference above which equal rows on both sides stop a run; the default of the split schema. */
const maxDuplicateShare = 0.01;
/** Duplicates expected of a single pair of equal rows: a salt is found that keeps so few on one side. */
const fewDuplicates = 0.5;
/** Salts tried if a side is empty or the few equal rows are apart: one salt is as good as another, and the split never sees a model. */
const saltsTried = 200;
/** Rows that all tries together may read: of a large table with few groups fewer salts are tried. */
const rowsTried = 50_000_000;

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

/** @throws projects/undecided if no salt gives each side the rows and groups it needs */
export async function trySplit(
  duck: Duck,
  profile: TableProfile,
  request: {
    readonly split: ProposedSplit;
    readonly key: Pick<KeyDecision, "key" | "digestOf">;
    readonly kept: string;
  },
): Promise<TriedSplit> {
  let last: SideCounts | undefined;
  let usable: TriedSplit | undefined;
  const { split } = request;
  const tries = Math.max(20, Math.min(saltsTried, Math.floor(rowsTried / Math.max(1, profile.rows))));
  for (let attempt = 1; attempt <= tries; attempt++) {
    const salt = attempt === 1 ? split.salt : `${split.salt}.${attempt}`;
    last = await countSides(duck, profile, { ...request, split: { ...split, salt } });
    const areEnough = isEnough(last);
    const isOver = last.duplicates > Math.floor(last.referenceRows * maxDuplicateShare);
    const { expected } = last;
    const hasManyDuplicates =
      split.strategy === "temporal"
        ? isOver
        : expected.duplicates > Math.max(fewDuplicates, expected.referenceRows * maxDuplicateShare);
    if (areEnough) usable = { ...last, split: { ...split, salt }, hasManyDuplicates: hasManyDuplicates || isOver };
    // Where many rows are equal, a digest has few values: one salt may send half of the rows to a side, or hardly any.
    const isLopsided =
      request.key.digestOf.length > 0 &&
      split.group.length === 0 &&
      Math.abs(last.referenceRows - expected.referenceRows) > expected.referenceRows / 2;
    if (areEnough && !isLopsided && (hasManyDuplicates || !isOver))
      return { ...last, split: { ...split, salt }, hasManyDuplicates };
    if (split.strategy === "temporal") break;
  }
  if (usable !== undefined) return usable;
  const what = split.group.length > 0 ? `groups of ${split.group.join(", ")}` : "rows";
  throw new AppError({
    code: "projects/undecided",
    message: `How should ${profile.file} be split? It has too few ${what} for a ${split.strategy} split: ${tooFew(split, last)}.`,
    hint: "Choose another --group or --time, omit one of them, or provide more rows.",
    details: { decision: "split", strategy: split.strategy, train: last?.trainRows, reference: last?.referenceRows },
  });
}

type SideCounts = Omit<TriedSplit, "split" | "hasManyDuplicates">;

/**
 * Counts what a split does with each unit of a class. A unit goes to one side as a whole: a group, or a key. A class is the
 * rows that are equal in every column but the key.
 */
async function countSides(
  duck: Duck,
  profile: TableProfile,
  { split, key, kept }: Parameters<typeof trySplit>[2],
): Promise<SideCounts> {
  const isTimed = split.strategy === "temporal" || split.strategy === "group_temporal";
  const unit = split.strategy === "temporal" ? "''" : unitSql(profile, split, key);
  const isTest = split.strategy === "temporal" ? "true" : isTestSql(split.salt, "unit", split.testBasisPoints);
  const isOther = split.strategy === "temporal" ? "true" : `NOT (${isTest})`;
  const isLater =
    !isTimed || split.column === null || split.cutoff === null
      ? null
      : `${identifier(split.column)} >= ${literal(split.cutoff)}::TIMESTAMPTZ::TIMESTAMP`;
  const others = profile.columns.map(({ name }) => name).filter((name) => !key.key.includes(name));
  const classes = others.map((_, index) => `o${index}`);
  const grouped = classes.length > 0 ? `GROUP BY ${classes.join(", ")}` : "";
  const share = split.testBasisPoints / 10_000;
  // Within a class: rows of units that could be reference and train, and the number of units that could be train.
  const row = await duck.row(
    `WITH units AS (SELECT ${[...others.map((name, index) => `${identifier(name)} AS o${index}`), `${unit} AS unit`].join(", ")},
         count(*) ${isLater === null ? "" : `FILTER (${isLater})`} AS late, count(*) ${isLater === null ? "" : `FILTER (NOT (${isLater}))`} AS early
       FROM ${typedView} WHERE ${kept} GROUP BY ALL),
     classes AS (SELECT coalesce(sum(early) FILTER (${isOther}), 0) AS train, coalesce(sum(late) FILTER (${isTest}), 0) AS reference,
         coalesce(sum(early), 0) AS early, coalesce(sum(late), 0) AS late, count(*) FILTER (early > 0) AS m,
         coalesce(sum(late) FILTER (early > 0), 0) AS late_of_early
       FROM units ${grouped}),
     groups AS (SELECT unit, sum(early) AS early, sum(late) AS late FROM units GROUP BY unit)
     SELECT (SELECT count(*) FROM groups WHERE early > 0 AND ${isOther}) AS train_groups,
       (SELECT count(*) FROM groups WHERE late > 0 AND ${isTest}) AS reference_groups,
       coalesce(sum(train), 0)::BIGINT AS train, coalesce(sum(reference), 0)::BIGINT AS reference,
       coalesce(sum(reference) FILTER (train > 0), 0)::BIGINT AS duplicates,
       coalesce(sum(early), 0)::DOUBLE AS early, coalesce(sum(late), 0)::DOUBLE AS late,
       coalesce(sum(${share} * (late_of_early * (1 - ${share} ** greatest(m - 1, 0)) + (late - late_of_early) * (1 - ${share} ** m))), 0)::DOUBLE AS apart
     FROM classes`,
  );
  const [trainRows, referenceRows] = [count(row.train), count(row.reference)];
  const duplicates = others.length > 0 ? count(row.duplicates) : 0;
  const expected =
    split.strategy === "temporal"
      ? { trainRows, referenceRows, duplicates }
      : {
          trainRows: Number(row.early) * (1 - share),
          referenceRows: Number(row.late) * share,
          duplicates: others.length > 0 ? Number(row.apart) : 0,
        };
  const units =
    split.group.length === 0
      ? { trainUnits: trainRows, referenceUnits: referenceRows }
      : { trainUnits: count(row.train_groups), referenceUnits: count(row.reference_groups) };
  return { trainRows, referenceRows, ...units, duplicates, expected };
}

/** The text whose hash decides the side of a row. */
function unitSql(
  profile: TableProfile,
  { group }: ProposedSplit,
  { key, digestOf }: Pick<KeyDecision, "key" | "digestOf">,
): string {
  const typed = (names: readonly string[]) =>
    names.map((name) => ({ type: columnOf(profile, name)?.type ?? ("string" as const), sql: identifier(name) }));
  if (group.length === 0 && digestOf.length > 0) return rowDigestSql(typed(digestOf));
  return joinKeySql(typed(group.length > 0 ? group : key).map(({ type, sql }) => keyTextSql(type, sql) ?? "''"));
}

/**
 * Reference rows that would equal a train row by chance if the columns were independent: two rows agree in a column with
 * probability Σ p² over the shares p of its values. Few columns with few values give many; a measured number gives almost none.
 */
export async function expectedDuplicates(
  duck: Duck,
  { trainRows, referenceRows }: ExpectedCounts,
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
