import { withArticle } from "../../../../src-view/names.ts";
import { AppError } from "../../../contract/errors.ts";
import { requireColumn } from "./infer-key.ts";
import type { ColumnProfile, TableProfile } from "./profile.ts";

export interface ProposedSplit {
  readonly strategy: "group_hash" | "temporal" | "group_temporal" | "stratified_hash";
  readonly salt: string;
  readonly group: readonly string[];
  readonly strata: readonly string[];
  readonly testBasisPoints: number;
  readonly column: string | null;
  /** An ISO time, or a year for a column of years. */
  readonly cutoff: string | number | null;
  readonly reason: string;
}

export interface SplitRequest {
  readonly name: string;
  readonly group: readonly string[];
  readonly time: string | null;
  /** ISO time or year before which 80 % of the rows are; null without a time column. */
  readonly cutoff: string | number | null;
}

/** Chooses the strategy that suits the group and the time, in basis points and cut-offs that a person would choose. */
export function proposeSplit(request: SplitRequest): ProposedSplit {
  const { group, time, cutoff } = request;
  const common = { salt: `${request.name}/v1`, group, strata: [], testBasisPoints: 2_000, column: time, cutoff };
  const names = group.join(", ");
  if (group.length > 0 && time !== null) {
    return {
      ...common,
      strategy: "group_temporal",
      reason: `groups of ${names} that training never sees, and only after the last it sees in ${time}`,
    };
  }
  if (group.length > 0) {
    return { ...common, strategy: "group_hash", reason: `a fifth of the groups of ${names}, each wholly on one side` };
  }
  if (time !== null) {
    return {
      ...common,
      strategy: "temporal",
      reason:
        typeof cutoff === "number"
          ? `train on what was before ${cutoff} by ${time}, test on that year and later ones`
          : `train on the first 80 % of rows by ${time}, test on what came later`,
    };
  }
  return { ...common, strategy: "stratified_hash", reason: "a fifth of the rows by a hash of the key" };
}

/** @throws projects/invalid, projects/undecided for columns that can't separate groups */
export function checkGroup(profile: TableProfile, group: readonly string[], target: string): void {
  for (const name of group) {
    const column = requireColumn(profile, name, "--group");
    if (name === target)
      throw invalid(column, "--group", "it is the target", "Group by what is known before the outcome.");
    refuseUnfit(column, "--group");
    if (column.type === "float" || column.type === null || column.type === "struct" || column.type === "list") {
      const own = column.type !== null && column.sourceType.startsWith("DECIMAL") ? ` (${column.sourceType})` : "";
      throw invalid(
        column,
        "--group",
        `it is ${withArticle(column.type ?? column.sourceType)}${own}`,
        "Groups are strings, whole numbers, truth values or times.",
      );
    }
    if (group.length === 1 && column.distinct < 2) {
      throw invalid(column, "--group", "it has one value", "Choose a column with many groups, or omit --group.");
    }
  }
}

function refuseUnfit(column: ColumnProfile, option: string): void {
  if (column.unfit !== null) throw invalid(column, option, `it has ${column.unfit}`, "Or choose another column.");
}

/** Whole numbers that can only be years: a counter or a compact date (20130131) isn't one. */
export function isYears({ type, min, max }: ColumnProfile): boolean {
  return type === "int" && Number(min) >= 1_000 && Number(max) < 3_000;
}

/** @throws projects/invalid for a column that is neither a time nor a year */
export function checkTime(profile: TableProfile, name: string): void {
  const column = requireColumn(profile, name, "--time");
  refuseUnfit(column, "--time");
  if (column.type !== "timestamp" && !isYears(column)) {
    const reason =
      column.notTime === null ? `it is ${withArticle(column.type ?? column.sourceType)}` : `it has ${column.notTime}`;
    throw invalid(
      column,
      "--time",
      reason,
      "Convert it to ISO 8601 (2013-01-31, or 2013-01-31T06:00:00+02:00 with its offset) or to whole years (2013) in the table.",
    );
  }
  if (column.distinct < 2) throw invalid(column, "--time", "it has one value", "Choose another time column, or none.");
}

function invalid(column: ColumnProfile, option: string, reason: string, hint: string): AppError {
  return new AppError({
    code: "projects/invalid",
    message: `${option}: \`${column.name}\` can't be used: ${reason}.`,
    hint,
    details: { option, column: column.name },
  });
}
