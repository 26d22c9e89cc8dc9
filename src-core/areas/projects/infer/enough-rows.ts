import { counted } from "../../../../src-view/numbers.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { typedView } from "./gather-profile.ts";
import type { ProposedSplit } from "./infer-split.ts";

/** What a split, two folds of its train set and a comparison on its reference test need at least. */

/** A comparison resamples rows (or groups) of the reference test, and one of them resamples to itself. */
const leastReference = 2;
/** Two folds of two rows: with one row to fit on, a target is constant. */
const leastTrainRows = 4;
/** Folds keep groups whole. */
const leastTrainUnits = 2;
/** A fifth of them is the reference test. */
const leastRows = 5 * leastReference;

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
    message: `${file} has ${counted(rows, "usable row")}, and a project needs at least ${leastRows}.`,
    hint: `A fifth of the rows is the reference test, and a comparison needs ${leastReference} rows there; two folds of the rest need ${leastTrainRows} rows. Add rows. (The default gate compares two models on 200 reference rows or more.)`,
    details: { file, rows, least: leastRows },
  });
}

/** Rows of each side, and its groups; rows again where the split has no group. */
interface SideSizes {
  readonly trainRows: number;
  readonly referenceRows: number;
  readonly trainUnits: number;
  readonly referenceUnits: number;
}

/** Whether both sides have the rows and groups they need. */
export function isEnough(tried: SideSizes): boolean {
  const isReference = tried.referenceUnits >= leastReference;
  return isReference && tried.trainRows >= leastTrainRows && tried.trainUnits >= leastTrainUnits;
}

/** Which side lacks what: "the train set would have 1 row, and two folds need 4". */
export function tooFew(split: ProposedSplit, tried: SideSizes | undefined): string {
  const leastUnits = leastReference + leastTrainUnits;
  const units = tried === undefined ? 0 : tried.trainUnits + tried.referenceUnits;
  if (split.strategy === "group_hash" && units < leastUnits)
    return `it has ${units}, and ${leastUnits} are the fewest, because a comparison needs ${leastReference} in the reference test and two folds need ${leastTrainUnits} in the train set`;
  if (tried === undefined || tried.trainRows === 0 || tried.referenceRows === 0) return "one side would be empty";
  const unit = split.group.length > 0 ? "group" : "row";
  const would = (side: string, count: number, one: string) =>
    `the ${side} would have ${count} ${one}${count === 1 ? "" : "s"}`;
  if (tried.referenceUnits < leastReference)
    return `${would("reference test", tried.referenceUnits, unit)}, and a comparison needs ${leastReference}`;
  return tried.trainRows < leastTrainRows
    ? `${would("train set", tried.trainRows, "row")}, and two folds need ${leastTrainRows}`
    : `${would("train set", tried.trainUnits, unit)}, and two folds need ${leastTrainUnits}`;
}
