import { count, type Duck } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { bothEnded, fileSha256 } from "../master/file-sha256.ts";
import { rowDigest } from "./row-digest.ts";

/**
 * Part of a split's identity: other settings give other bytes. A column with more distinct values in a row group than the
 * limit gets no dictionary: with fewer than twelve rows per value it saves little space, and trying takes a fifth of the
 * writing time. Bloom filters would only help lookups of single values.
 */
export const parquetSettings = {
  compression: "snappy",
  format_version: "V2",
  row_group_rows: 122_880,
  dictionary_size_limit: 10_000,
  bloom_filters: false,
} as const;

export interface WrittenSide {
  readonly rows: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly rowDigest: string;
}

/**
 * Writes rows ordered by the primary key. Without the order, or with PARTITION_BY, two threads give different bytes each time.
 * `file` is a temporary name: a killed COPY leaves a truncated file. Returns the number of rows written.
 */
export async function copySide(
  duck: Duck,
  input: { readonly select: string; readonly orderBy: readonly string[]; readonly file: string },
): Promise<number> {
  const { compression, format_version, row_group_rows, dictionary_size_limit, bloom_filters } = parquetSettings;
  const settings = `COMPRESSION ${compression}, PARQUET_VERSION ${format_version}, ROW_GROUP_SIZE ${row_group_rows}, DICTIONARY_SIZE_LIMIT ${dictionary_size_limit}, WRITE_BLOOM_FILTER ${bloom_filters}`;
  const row = await duck.row(
    `COPY (${input.select} ORDER BY ${input.orderBy.join(", ")}) TO ${literal(input.file)} (FORMAT parquet, ${settings})`,
  );
  return count(row.Count);
}

/** Facts of a written file, which is on the disk by then, so that publishing it hardly waits. */
export async function measureSide(duck: Duck, file: string): Promise<WrittenSide> {
  const [{ digest, rows }, bytes] = await bothEnded(rowDigest(duck, file), fileSha256(file, { isSynced: true }));
  return { rows, ...bytes, rowDigest: digest };
}
