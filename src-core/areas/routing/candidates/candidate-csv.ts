import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { segmentText } from "../../../contract/routing/view-name.ts";
import { candidateColumnNames, writtenRow } from "./candidate-columns.ts";

/** The candidates as CSV (RFC 4180, lines end in LF); a missing value is an empty field. */
export function candidateCsv(candidates: readonly Candidate[]): string {
  const lines = candidates.map((candidate) => {
    const row = writtenRow(candidate);
    const { symbol } = candidate;
    // As a field alone, an empty segment would be a missing one.
    const written = { ...row, symbol: symbol === "" || symbol?.startsWith('"') ? segmentText(symbol) : symbol };
    return candidateColumnNames.map((column) => field(written[column])).join(",");
  });
  return `${[candidateColumnNames.join(","), ...lines].join("\n")}\n`;
}

function field(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
