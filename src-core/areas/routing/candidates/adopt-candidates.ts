import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type CandidateTable, writeCandidates } from "./candidate-files.ts";

/**
 * Makes a table from anywhere the project's own: the plan that follows from it names its digest, and is checked against what lies in the
 * project. Rows that are bad there don't come along.
 */
export async function adoptCandidates(routing: string, table: CandidateTable): Promise<void> {
  const own = path.join(routing, "routing_candidates.parquet");
  if (path.resolve(table.file) === own || table.file === path.join(routing, "routing_candidates.csv")) return;
  mkdirSync(routing, { recursive: true });
  await writeCandidates(own, table.candidates, "parquet");
  rmSync(path.join(routing, "routing_candidates.csv"), { force: true });
}
