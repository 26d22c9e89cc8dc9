import { counted } from "../../../../src-view/numbers.ts";
import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { GateRow, Verdict } from "../../../contract/runs/stage-results.ts";
import type { AnsweredCheck } from "./gate-checks.ts";
import { changeWords, formatFigure, listed } from "./gate-words.ts";

export interface GateVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Rows that are missing for a HOLD; null if more rows wouldn't help. */
  readonly extraUnitsNeeded: number | null;
}

export interface VerdictQuestion {
  readonly validity: readonly GateRow[];
  readonly checks: readonly AnsweredCheck[];
  readonly config: PromotionConfig;
  readonly hasProduction: boolean;
}

/** Returns the first that applies of INVALID, REJECT, PROMOTE and HOLD. */
export function verdictOf(question: VerdictQuestion): GateVerdict {
  return invalid(question) ?? rejected(question) ?? promoted(question) ?? held(question);
}

/** Returns the verdict that a row forces by itself; null if none. A primary that isn't better gives HOLD; only the others reject. */
export function lockOf({ role, outcome }: Pick<GateRow, "role" | "outcome">): NonNullable<GateRow["locks"]> | null {
  switch (outcome) {
    case "pass":
    case "info":
      return null;
    case "not measured":
      return "INVALID";
    case "undecided":
      return "HOLD";
    case "fail":
      return role === "validity" ? "INVALID" : role === "primary" ? "HOLD" : "REJECT";
    default:
      return outcome satisfies never;
  }
}

/**
 * A metric that isn't measured makes the comparison INVALID. It doesn't mean that the candidate is bad, because the evidence is missing,
 * on either side.
 */
function invalid({ validity, checks }: VerdictQuestion): GateVerdict | null {
  const broken = validity.filter((row) => lockOf(row) === "INVALID").map((row) => `${row.metric}: ${row.note}`);
  const unmeasured = checks
    .filter(({ row }) => lockOf(row) === "INVALID")
    .map(({ row }) => `${row.metric} is not measured (${row.note ?? "no value"})`);
  const why = [...new Set([...broken, ...unmeasured])];
  if (why.length === 0) return null;
  return { verdict: "INVALID", reason: `The comparison isn't valid: ${why.join("; ")}.`, extraUnitsNeeded: null };
}

function rejected({ checks, config }: VerdictQuestion): GateVerdict | null {
  const why = checks.flatMap(({ row }) => {
    if (lockOf(row) !== "REJECT") return [];
    if (row.role === "threshold")
      return [`${row.metric} is ${formatFigure(row.candidate ?? Number.NaN)} where the gate asks for ${row.rule}`];
    return [`${row.metric} ${changeWords(row, config.alpha)} where the gate asks for ${row.rule}`];
  });
  if (why.length === 0) return null;
  return { verdict: "REJECT", reason: `Rejected: ${listed(why)}.`, extraUnitsNeeded: null };
}

function promoted({ checks, config, hasProduction }: VerdictQuestion): GateVerdict | null {
  if (checks.some(({ row }) => lockOf(row) !== null)) return null;
  const asked = checks.filter(({ row }) => row.outcome !== "info");
  const thresholds = asked.filter(({ row }) => row.role === "threshold").length;
  if (!hasProduction) {
    const kept = thresholds === 1 ? "its one absolute gate passes" : `all ${thresholds} absolute gates pass`;
    const gates = thresholds === 0 ? "the gate sets no absolute bound" : kept;
    return {
      verdict: "PROMOTE",
      reason: `First model: there is no production to compare with, and ${gates}.`,
      extraUnitsNeeded: null,
    };
  }
  const primary = primaryOf(checks);
  const guardrails = asked.filter(({ row }) => row.role === "guardrail").length;
  const kinds = [
    ...(guardrails > 0 ? [counted(guardrails, "guardrail")] : []),
    ...(thresholds > 0 ? [counted(thresholds, "threshold")] : []),
  ];
  const others =
    kinds.length === 0 ? "" : `; ${kinds.join(" and ")} ${guardrails + thresholds === 1 ? "passes" : "pass"}`;
  return {
    verdict: "PROMOTE",
    reason: `${primary.row.metric} ${changeWords(primary.row, config.alpha)}, which clears its goal (${primary.row.rule})${others}.`,
    extraUnitsNeeded: null,
  };
}

function held({ checks, config }: VerdictQuestion): GateVerdict {
  const hold = (reason: string, extra: number | null): GateVerdict => ({
    verdict: "HOLD",
    reason,
    extraUnitsNeeded: extra,
  });
  const primary = primaryOf(checks);
  if (primary.isTie)
    return config.decision_rule === "point"
      ? hold(`${primary.row.metric} is the same for both: a tie keeps production.`, null)
      : hold(
          "Both models do the same on every row: a tie keeps production, and more rows of this kind would not decide it.",
          null,
        );
  const lacking = checks.filter((check) => check.missingUnits > 0);
  if (lacking.length > 0) {
    const notes = [...new Set(lacking.map(({ row }) => `${row.metric} has ${row.note}`))];
    return hold(`Too little to decide on: ${listed(notes)}.`, Math.max(...lacking.map((check) => check.missingUnits)));
  }
  if (primary.row.outcome !== "pass" && (primary.row.outcome === "fail" || primary.row.extraUnitsNeeded == null))
    return hold(
      `${primary.row.metric} ${changeWords(primary.row, config.alpha)}, which doesn't meet its goal (${primary.row.rule}): production stays, and more rows of this kind would not change it.`,
      null,
    );
  const open = checks.filter(({ row }) => row.outcome === "undecided");
  const needs = open.map(({ row }) => row.extraUnitsNeeded ?? null);
  const extra = needs.includes(null) ? null : Math.max(1, ...needs.map((need) => need ?? 0));
  const what = listed(open.map(({ row }) => `${row.metric} ${changeWords(row, config.alpha)} (${row.rule})`));
  const more =
    extra === null
      ? "at the effect seen no number of rows would decide all of it"
      : `an effect of this size needs about ${counted(extra, "more row")}`;
  return hold(`Undecided: ${what}; ${more}.`, extra);
}

function primaryOf(checks: readonly AnsweredCheck[]): AnsweredCheck {
  const primary = checks.find(({ row }) => row.role === "primary");
  if (!primary) throw new RangeError("A gate always asks its primary metric.");
  return primary;
}
