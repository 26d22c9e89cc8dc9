import type { Leak } from "../../../contract/configs/split-schema.ts";
import { AppError } from "../../../contract/errors.ts";

export type LeakCheck = Leak | "key_overlap";

/** The result of one check. `count` is rows of the reference test, except for `time_order` (of the train set) and `feature_time` (of both). */
export interface LeakFinding {
  readonly check: LeakCheck;
  readonly count: number;
  /** No leak up to this count. */
  readonly limit: number;
  readonly outcome: "passed" | "warned" | "accepted" | "leak";
  readonly note: string;
}

const meaning: Readonly<Record<LeakCheck, string>> = {
  key_overlap: "primary keys in the train set and in the reference test",
  group_overlap: "rows of the reference test whose group is in the train set too",
  duplicates: "rows of the reference test that equal a train row in every column but the key",
  near_duplicates:
    "rows of the reference test that equal a train row after rounding to 3 significant digits and case folding",
  identifier_overlap:
    "rows of the reference test whose value of an identifier, unique on both sides, is in the train set too",
  changed_rows: "rows of the reference test that equal a train row in every column but the key and one",
  time_order: "train rows that aren't earlier than the whole reference test",
  feature_time: "rows with a feature's time after the decision",
};

export function judge(
  check: LeakCheck,
  counts: {
    readonly count: number;
    readonly limit?: number;
    /** A count above this one is a warning; up to `limit`, which is larger then, it is no more than that. */
    readonly warnAbove?: number;
    /** What the note adds: the column that was found. */
    readonly column?: string;
  },
  accept: readonly Leak[],
): LeakFinding {
  const { count, limit = 0, warnAbove = limit, column } = counts;
  const note = column === undefined ? meaning[check] : `${meaning[check]} (${column})`;
  const outcome = count > warnAbove ? outcomeOf(check, count > limit, accept) : "passed";
  return { check, count, limit, note, outcome };
}

function outcomeOf(check: LeakCheck, isOver: boolean, accept: readonly Leak[]): LeakFinding["outcome"] {
  if (check !== "key_overlap" && accept.includes(check)) return "accepted";
  return check === "near_duplicates" || !isOver ? "warned" : "leak";
}

export function warningsOf(findings: readonly LeakFinding[]): readonly string[] {
  return findings
    .filter(({ outcome }) => outcome === "warned" || outcome === "accepted")
    .map(
      ({ check, count, note, outcome }) =>
        `${check}: ${count} (${note})${outcome === "accepted" ? " (accepted by the split schema)" : ""}`,
    );
}

/**
 * @param examplesOf names a few of what was found
 * @throws splits/group-straddles, splits/leakage
 */
export async function refuseLeaks(
  findings: readonly LeakFinding[],
  splitFile: string,
  examplesOf: (check: LeakCheck) => Promise<readonly string[]>,
): Promise<void> {
  const leaks = findings.filter(({ outcome }) => outcome === "leak");
  const [first] = leaks;
  if (first === undefined) return;
  // Rows that moved with their group are found again as rows, too.
  const ofGroup: readonly LeakCheck[] = ["group_overlap", "identifier_overlap", "changed_rows"];
  const isGroup =
    leaks.some(({ check }) => check === "group_overlap") && leaks.every(({ check }) => ofGroup.includes(check));
  const canAccept = leaks.every(({ check }) => check !== "key_overlap");
  const lines = await Promise.all(
    leaks.map(async ({ check, count, limit, note }) => {
      const examples = await examplesOf(check);
      const some = examples.length === 0 ? "" : `: ${examples.join("; ")}${count > examples.length ? "; …" : ""}`;
      return `${check}: ${count} (${note}; limit ${limit})${some}`;
    }),
  );
  throw new AppError({
    code: isGroup ? "splits/group-straddles" : "splits/leakage",
    message: `Train set and reference test aren't apart: ${lines.join("; ")}.`,
    hint: canAccept
      ? `Split by what the rows have in common, or, if this is as it should be, add ${leaks.map(({ check }) => check).join(", ")} to \`accept\` in a new version of ${splitFile}.`
      : "The reference test was drawn from another state of the table; write a new split version, which gets a reference test of its own.",
    details: { file: splitFile, leaks },
  });
}
