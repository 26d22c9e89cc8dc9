import type { LedgerEntry, LedgerSummary } from "../../contract/ledger.ts";

/** Summarises an entry in one row. */
export function summaryOf(entry: LedgerEntry): LedgerSummary {
  const { index, at, actor, kind, hash, body } = entry;
  const common = { index, at, actor, kind, hash, runId: body.runId, modelName: body.modelName, reason: body.reason };
  return entry.kind === "decision"
    ? {
        ...common,
        modelVersion: entry.body.candidate.version,
        verdict: entry.body.verdict,
        isExperiment: entry.body.isExperiment === true,
      }
    : { ...common, modelVersion: entry.body.toVersion, verdict: null, isExperiment: false };
}

const columns = [
  "index",
  "at",
  "actor",
  "kind",
  "runId",
  "modelName",
  "modelVersion",
  "verdict",
  "isExperiment",
  "reason",
  "hash",
] as const satisfies readonly (keyof LedgerSummary)[];

/** Renders CSV (RFC 4180) with a header and one row per entry. */
export function summariesAsCsv(entries: readonly LedgerEntry[]): string {
  const rows = entries.map(summaryOf).map((row) => columns.map((column) => csvField(row[column])));
  return [columns, ...rows].map((fields) => `${fields.join(",")}\r\n`).join("");
}

function csvField(value: string | number | boolean | null): string {
  const text = value === null ? "" : String(value);
  // A spreadsheet would run a value with a leading sign or '=' as a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
