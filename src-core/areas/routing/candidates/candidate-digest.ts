import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { candidateColumnNames, writtenRow } from "./candidate-columns.ts";
import { sortedCandidates } from "./candidate-order.ts";

/** The time and commit of a measurement don't affect its result. */
const identifying = candidateColumnNames.filter((column) => column !== "timestamp" && column !== "git_commit");

/** sha256 of the table's content, whatever its format and the order of its rows. */
export function candidatesDigest(candidates: readonly Candidate[]): string {
  const lines = sortedCandidates(candidates).map((candidate) => {
    const row = writtenRow(candidate);
    return JSON.stringify(identifying.map((column) => row[column]));
  });
  return sha256([JSON.stringify(identifying), ...lines].join("\n"));
}
