import { existsSync } from "node:fs";
import * as z from "zod";
import { appendDurable, readText } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";

const readSchema = z.object({
  at: z.string(),
  runId: z.string(),
  purpose: z.string(),
  sha256: z.string(),
  of: z.string().optional(),
});
/**
 * One read of a reference test. `at` is ISO 8601, `sha256` the digest of the bytes that were read, and `of` that of the split's frozen test
 * where they are a part of its rows, as a job of a plan reads them.
 */
export type ReferenceRead = z.output<typeof readSchema>;

/** Counts a read of a reference test; call it before the file is read. */
export function recordReferenceRead(paths: Pick<ProjectPaths, "referenceReadsFile">, read: ReferenceRead): void {
  const { at, runId, purpose, sha256, of } = read;
  const isTorn = existsSync(paths.referenceReadsFile) && !/(^|\n)$/.test(readText(paths.referenceReadsFile));
  // A line truncated by a power cut must not swallow this one.
  appendDurable(
    paths.referenceReadsFile,
    `${isTorn ? "\n" : ""}${JSON.stringify({ at, runId, purpose, sha256, of })}\n`,
  );
}

/** How often the reference test with this digest was read, whole or in part. A line that can't be parsed counts: it may be one. */
export function countReferenceReads(paths: Pick<ProjectPaths, "referenceReadsFile">, sha256: string): number {
  if (!existsSync(paths.referenceReadsFile)) return 0;
  return readText(paths.referenceReadsFile)
    .split("\n")
    .filter((line) => line !== "" && mayBeOf(line, sha256)).length;
}

function mayBeOf(line: string, sha256: string): boolean {
  try {
    const read = readSchema.safeParse(JSON.parse(line));
    return !read.success || read.data.sha256 === sha256 || read.data.of === sha256;
  } catch {
    return true;
  }
}
