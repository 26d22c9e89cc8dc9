import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { isTestSql, separator } from "../../splits/keys/membership.ts";
import { balanceClasses } from "./balance-classes.ts";
import { isEnough, tooFew } from "./enough-rows.ts";
import { typedView } from "./gather-profile.ts";
import type { KeyDecision } from "./infer-key.ts";
import type { ProposedSplit } from "./infer-split.ts";
import { columnOf, type TableProfile } from "./profile.ts";
import { unitSql } from "./unit-sql.ts";

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

interface TryRequest {
  readonly split: ProposedSplit;
  readonly key: Pick<KeyDecision, "key" | "digestOf">;
  /** SQL of the rows that a run would use. */
  readonly kept: string;
  /** The target, if its values are classes. */
  readonly classes: string | null;
}

/** @throws projects/undecided if no salt gives each side the rows and groups it needs, or a value holds what separates key parts */
export async function trySplit(duck: Duck, profile: TableProfile, request: TryRequest): Promise<TriedSplit> {
  const { split, classes, key } = request;
  await refuseSeparators(duck, profile, request);
  let last: SideCounts | undefined;
  let usable: TriedSplit | undefined;
  for await (const salted of candidates(duck, profile, request)) {
    last = await countSides(duck, profile, { ...request, split: salted });
    const isOver = last.duplicates > Math.floor(last.referenceRows * maxDuplicateShare);
    const { expected } = last;
    const hasManyDuplicates =
      split.strategy === "temporal"
        ? isOver
        : expected.duplicates > Math.max(fewDuplicates, expected.referenceRows * maxDuplicateShare);
    if (!isEnough(last)) continue;
    const tried = { ...last, split: salted, hasManyDuplicates: hasManyDuplicates || isOver };
    // The salt that divides the classes best comes first, and stays the choice where no other is better in the rest.
    if (classes === null || usable === undefined) usable = tried;
    // Where many rows are equal, a digest has few values: one salt may send half of the rows to a side, or hardly any.
    const isLopsided =
      key.digestOf.length > 0 &&
      split.group.length === 0 &&
      Math.abs(last.referenceRows - expected.referenceRows) > expected.referenceRows / 2;
    if (!isLopsided && (hasManyDuplicates || !isOver)) return { ...tried, hasManyDuplicates };
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

/** The split refuses such values too, but only once the project is made. */
async function refuseSeparators(duck: Duck, profile: TableProfile, { split, key, kept }: TryRequest): Promise<void> {
  if (split.strategy === "temporal") return;
  const names = split.group.length > 0 ? split.group : key.digestOf.length > 0 ? [] : key.key;
  for (const name of names.filter((it) => columnOf(profile, it)?.type === "string")) {
    const row = await duck.row(
      `SELECT count(*) AS n FROM ${typedView} WHERE ${kept} AND contains(${identifier(name)}, ${literal(separator)})`,
    );
    const rows = count(row.n);
    if (rows === 0) continue;
    throw new AppError({
      code: "projects/undecided",
      message: `How should ${profile.file} be split? ${name} has the character U+001F in ${rows} ${rows === 1 ? "row" : "rows"}, which separates the parts of a key.`,
      hint: `Replace it in the table, or choose another ${split.group.length > 0 ? "--group" : "--key"}.`,
      details: { decision: "split", column: name, rows },
    });
  }
}

/** The split with one salt after the other: first that which divides the classes most evenly, where the split can. */
async function* candidates(
  duck: Duck,
  profile: TableProfile,
  { split, classes, ...request }: TryRequest,
): AsyncGenerator<ProposedSplit> {
  if (split.strategy === "stratified_hash" && classes !== null)
    yield await balanceClasses(duck, profile, { ...request, split, target: classes });
  const tries = Math.max(20, Math.min(saltsTried, Math.floor(rowsTried / Math.max(1, profile.rows))));
  for (let attempt = 1; attempt <= (split.strategy === "temporal" ? 1 : tries); attempt++)
    yield { ...split, salt: attempt === 1 ? split.salt : `${split.salt}.${attempt}` };
}

type SideCounts = Omit<TriedSplit, "split" | "hasManyDuplicates">;

/**
 * Counts what a split does with each unit of a class. A unit goes to one side as a whole: a group, or a key. A class is the
 * rows that are equal in every column but the key.
 */
async function countSides(
  duck: Duck,
  profile: TableProfile,
  { split, key, kept }: Omit<TryRequest, "classes">,
): Promise<SideCounts> {
  const isTimed = split.strategy === "temporal" || split.strategy === "group_temporal";
  const unit = split.strategy === "temporal" ? "''" : unitSql(profile, split, key);
  const isTest = split.strategy === "temporal" ? "true" : isTestSql(split.salt, "unit", split.testBasisPoints);
  const isOther = split.strategy === "temporal" ? "true" : `NOT (${isTest})`;
  const isLater = isTimed ? laterSql(split) : null;
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

/** SQL of the rows after the cut-off: a time, or a year; null without one. */
function laterSql({ column, cutoff }: ProposedSplit): string | null {
  if (column === null || cutoff === null) return null;
  const cut = typeof cutoff === "number" ? String(cutoff) : `${literal(cutoff)}::TIMESTAMPTZ::TIMESTAMP`;
  return `${identifier(column)} >= ${cut}`;
}

/** Classes of the target that only one side of the split has: not learned, or not measured. */
export async function oneSidedClasses(
  duck: Duck,
  profile: TableProfile,
  it: Omit<TryRequest, "classes"> & { readonly target: string },
): Promise<readonly string[]> {
  const { split, key } = it;
  const isTest =
    split.strategy === "temporal" ? "true" : isTestSql(split.salt, unitSql(profile, split, key), split.testBasisPoints);
  const isLater = laterSql(split) ?? "true";
  const isReference = `(${isTest}) AND ${isLater}`;
  const isTrain = split.strategy === "group_temporal" ? `NOT (${isTest}) AND NOT (${isLater})` : `NOT (${isReference})`;
  const rows = await duck.rows(
    `SELECT ${identifier(it.target)}::VARCHAR AS class FROM ${typedView} WHERE ${it.kept} GROUP BY 1
      HAVING count(*) FILTER (${isTrain}) = 0 OR count(*) FILTER (${isReference}) = 0 ORDER BY 1`,
  );
  return rows.map((row) => String(row.class));
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
