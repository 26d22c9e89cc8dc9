import type { GateRow } from "../../../contract/runs/stage-results.ts";

/** Formats a figure with four significant digits, without trailing zeros. */
export function formatFigure(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7)) return value.toExponential(3);
  return String(Number(value.toPrecision(4)));
}

/** Formats a bound with all digits that the user wrote, because a rounded one would be another rule. */
export function boundFigure(value: number): string {
  // Remove the last digits, which come from the multiplication by 100 (7.000000000000001).
  const tidy = Number(value.toPrecision(15));
  return Number.isInteger(tidy) && Math.abs(tidy) >= 10_000 ? tidy.toLocaleString("en") : String(tidy);
}

function formatP(p: number): string {
  return p < 0.0001 ? "p < 0.0001" : `p = ${Number(p.toPrecision(2))}`;
}

/** "improves by 0.42 (90 % interval 0.21 to 0.63, p = 0.0001)". */
export function changeWords(row: GateRow, alpha: number): string {
  const { improvement, low, high, p } = row;
  if (improvement === null) return "has no measured change";
  const verb = improvement > 0 ? "improves by" : improvement < 0 ? "is worse by" : "doesn't change";
  const amount = improvement === 0 ? "" : ` ${formatFigure(Math.abs(improvement))}`;
  if (low === null || high === null) return `${verb}${amount}`;
  const confidence = `${formatFigure(100 * (1 - 2 * alpha))} %`;
  const interval = `${confidence} interval of the improvement ${formatFigure(low)} to ${formatFigure(high)}`;
  return `${verb}${amount} (${interval}${p === null ? "" : `, ${formatP(p)}`})`;
}

/** "a, b and c". */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
