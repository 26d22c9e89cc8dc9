import type { DataContract } from "./data-contract.ts";

/**
 * The columns that a split adds to each row where the primary key is a digest: the digest of the row's values, and a number
 * that distinguishes rows with equal ones.
 */
export const digestColumns = { digest: "signalbox_digest", copy: "signalbox_copy" } as const;

type Keyed = Pick<DataContract, "primary_key">;

/** The columns of the table whose values identify a row: the key's own, or those that the digest is made of. */
export function identifyingColumns({ primary_key }: Keyed): readonly string[] {
  return Array.isArray(primary_key) ? primary_key : primary_key.digest_of;
}

/** The columns whose digest identifies a row; null where the key consists of columns. */
export function digestedColumns({ primary_key }: Keyed): readonly string[] | null {
  return Array.isArray(primary_key) ? null : primary_key.digest_of;
}

/** The columns that identify a row in the files of a split, in predictions and in evidence. */
export function keyColumns({ primary_key }: Keyed): readonly string[] {
  return Array.isArray(primary_key) ? primary_key : [digestColumns.digest, digestColumns.copy];
}

/** The columns whose values decide the side of a row: of a digest, all rows with equal values are on one side. */
export function sideColumns({ primary_key }: Keyed): readonly string[] {
  return Array.isArray(primary_key) ? primary_key : [digestColumns.digest];
}
