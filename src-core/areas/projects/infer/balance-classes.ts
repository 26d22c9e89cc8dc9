import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { isTestSql } from "../../splits/keys/membership.ts";
import { typedView } from "./gather-profile.ts";
import type { KeyDecision } from "./infer-key.ts";
import type { ProposedSplit } from "./infer-split.ts";
import type { TableProfile } from "./profile.ts";
import { unitSql } from "./unit-sql.ts";

/** Salts compared: one is as good as another, and the split never sees a model. */
const saltsCompared = 200;
/** Percentage points by which the shares of a class may differ between the sides; a salt that keeps it is taken at once. */
const aimedPoints = 2;
/** How far the test side may be from its share of the rows for the sake of the classes. */
const sizeTolerance = 0.05;
/** Hashes computed by one query. */
const hashesPerQuery = 2_000_000;

interface Balance {
  readonly salt: string;
  /** Largest difference of a class's shares on the two sides, in percentage points. */
  readonly points: number;
  /** Classes that only one side has. */
  readonly oneSided: readonly string[];
  /** Whether a class that has more than one row is on one side. */
  readonly isAvoidable: boolean;
  readonly isOffSize: boolean;
}

/**
 * Chooses the salt with which a hash of the key divides the classes of the target most evenly. Which side a key is on
 * still follows from its hash alone, so that rows added later move no key. `kept` is the SQL of the rows a run would use.
 */
export async function balanceClasses(
  duck: Duck,
  profile: TableProfile,
  request: {
    readonly split: ProposedSplit;
    readonly key: Pick<KeyDecision, "key" | "digestOf">;
    readonly kept: string;
    readonly target: string;
  },
): Promise<ProposedSplit> {
  const { split, target } = request;
  await keepKeysAndClasses(duck, profile, request);
  const tried: Balance[] = [];
  const { most, batch } = effortFor(profile.rows);
  while (tried.length < most && !tried.some(isEnough)) {
    const salts = Array.from({ length: Math.min(batch, most - tried.length) }, (_, i) => tried.length + i + 1).map(
      (number) => (number === 1 ? split.salt : `${split.salt}.${number}`),
    );
    tried.push(...(await balancesOf(duck, split, salts)));
  }
  await duck.run("DROP TABLE keys_and_classes");
  const best = tried.find(isEnough) ?? tried.reduce((a, b) => (isBetter(b, a) ? b : a));
  const strata = best.oneSided.length === 0 ? [target] : [];
  return {
    ...split,
    salt: best.salt,
    strata,
    reason: `${split.reason}; ${told(best, { target, tried: tried.length })}`,
  };
}

/** The rows of a large table are divided evenly by nearly every salt: fewer have to be compared. */
function effortFor(rows: number): { readonly most: number; readonly batch: number } {
  const affordable = (hashes: number, most: number) => Math.min(most, Math.floor(hashes / Math.max(1, rows)));
  return {
    most: Math.max(20, affordable(10 * hashesPerQuery, saltsCompared)),
    batch: Math.max(1, affordable(hashesPerQuery, 20)),
  };
}

async function keepKeysAndClasses(
  duck: Duck,
  profile: TableProfile,
  it: {
    readonly split: ProposedSplit;
    readonly key: Pick<KeyDecision, "key" | "digestOf">;
    readonly kept: string;
    readonly target: string;
  },
): Promise<void> {
  await duck.run(
    `CREATE TABLE keys_and_classes AS SELECT ${unitSql(profile, it.split, it.key)} AS k, ${identifier(it.target)}::VARCHAR AS class
     FROM ${typedView} WHERE ${it.kept}`,
  );
}

async function balancesOf(
  duck: Duck,
  { testBasisPoints }: ProposedSplit,
  salts: readonly string[],
): Promise<readonly Balance[]> {
  const tests = salts.map((salt, i) => `count(*) FILTER (${isTestSql(salt, "k", testBasisPoints)}) AS test_${i}`);
  const rows = await duck.rows(
    `SELECT class, count(*) AS n, ${tests.join(", ")} FROM keys_and_classes GROUP BY class ORDER BY class`,
  );
  return salts.map((salt, i) => {
    const classes = rows.map((row) => ({
      name: String(row.class),
      rows: count(row.n),
      test: count(row[`test_${i}`]),
    }));
    return { salt, ...balanceOf(classes, testBasisPoints / 10_000) };
  });
}

/** Compares the sides by the counts of each class. Pure. */
function balanceOf(
  classes: readonly { readonly name: string; readonly rows: number; readonly test: number }[],
  testShare: number,
): Omit<Balance, "salt"> {
  const total = classes.reduce((sum, { rows }) => sum + rows, 0);
  const test = classes.reduce((sum, one) => sum + one.test, 0);
  const gaps = classes.map((one) => {
    const ofTest = one.test / Math.max(1, test);
    const ofTrain = (one.rows - one.test) / Math.max(1, total - test);
    return Math.abs(ofTest - ofTrain) * 100;
  });
  const oneSided = classes.filter((one) => one.test === 0 || one.test === one.rows);
  return {
    points: Math.max(0, ...gaps),
    oneSided: oneSided.map(({ name }) => name),
    isAvoidable: oneSided.some(({ rows }) => rows > 1),
    isOffSize: Math.abs(test / Math.max(1, total) - testShare) > sizeTolerance,
  };
}

function isEnough({ isAvoidable, isOffSize, points }: Balance): boolean {
  return !isAvoidable && !isOffSize && points <= aimedPoints;
}

/** A class that only one side has can't be learned or can't be measured, which is worse than any other imbalance. */
function isBetter(a: Balance, b: Balance): boolean {
  if (a.oneSided.length !== b.oneSided.length) return a.oneSided.length < b.oneSided.length;
  if (a.isOffSize !== b.isOffSize) return b.isOffSize;
  return a.points < b.points;
}

function told(
  { points, oneSided }: Balance,
  { target, tried }: { readonly target: string; readonly tried: number },
): string {
  const shown = points >= 10 ? points.toFixed(0) : points.toFixed(1);
  const least = points > aimedPoints ? `, the least of ${tried} salts` : "";
  const shares = `the shares of the classes differ by at most ${shown} points between the sides${least}`;
  if (oneSided.length === 0) return `every class of ${target} is on both sides, and ${shares}`;
  const listed = oneSided.slice(0, 5).join(", ") + (oneSided.length > 5 ? ` and ${oneSided.length - 5} more` : "");
  return `only one side has ${oneSided.length === 1 ? "the class" : "the classes"} ${listed} of ${target}; ${shares}`;
}
