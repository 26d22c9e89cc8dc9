import { existsSync } from "node:fs";
import * as z from "zod";
import { splitCheckSchema } from "../../contract/runs/stage-results.ts";
import { rules } from "../../contract/schema-parts.ts";
import { readText } from "../../foundation/files/durable.ts";

/**
 * `data/splits/v<N>/manifest.json`. It depends neither on the time, the machine or the user, nor on the feature and model
 * versions: the same table and split give the same bytes.
 */
const file = z.strictObject({
  /** Project-relative, POSIX. */
  path: z.string(),
  rows: z.number(),
  size_bytes: z.number(),
  sha256: z.string(),
  row_digest: z.string(),
});

export const manifestSchema = z.strictObject({
  manifest_version: z.literal(1),
  /** Version of the algorithm that made the files; another version may give other bytes. */
  writer: z.string(),
  duckdb: z.string(),
  parquet: z.strictObject({
    compression: z.string(),
    format_version: z.string(),
    row_group_rows: z.number(),
    dictionary_size_limit: z.number(),
    bloom_filters: z.boolean(),
  }),
  split_version: z.number(),
  split_digest: z.string(),
  data_contract_version: z.number(),
  data_contract_digest: z.string(),
  /** The rules by which the table was read and checked. */
  rules,
  strategy: z.string(),
  salt: z.string(),
  /** Columns whose text decides the side: the group, or the key. Empty for `temporal`. */
  decided_by: z.array(z.string()),
  group: z.array(z.string()),
  master: z.strictObject({ path: z.string(), sha256: z.string(), rows: z.number() }),
  /** What happened to each row of the master; the sum is its number of rows. */
  row_counts: z.record(z.string(), z.number()),
  excluded: z.array(z.strictObject({ name: z.string(), reason: z.string(), rows: z.number() })),
  train: file,
  reference: file,
  optional_tests: z.array(file.extend({ name: z.string() })),
  skipped_tests: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  checks: z.array(splitCheckSchema),
  accepted_leaks: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type Manifest = z.output<typeof manifestSchema>;
export type ManifestFile = z.output<typeof file>;

export const writer = "signalbox-split/2";

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Reads the manifest; null if there is none or it has another format: then the split is rebuilt. */
export function readManifest(path: string): Manifest | null {
  if (!existsSync(path)) return null;
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(readText(path)));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
