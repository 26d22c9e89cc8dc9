import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type CandidateTable, writeCandidates } from "./candidate-files.ts";

/**
 * Copies a table from anywhere into the project: the plan that follows from it records its digest, and is checked against
 * the table in the project. Bad rows aren't copied.
 */
export async function adoptCandidates(routing: string, table: CandidateTable): Promise<void> {
  const own = path.join(routing, "routing_candidates.parquet");
  if (path.resolve(table.file) === own || table.file === path.join(routing, "routing_candidates.csv")) return;
  mkdirSync(routing, { recursive: true });
  await writeCandidates(own, table.candidates, "parquet");
  rmSync(path.join(routing, "routing_candidates.csv"), { force: true });
}
