import * as z from "zod";
import { firstCountsSchema } from "../runs/stage-results.ts";

/** What `configs/frozen.json` records of a split version's reference test. */
export const frozenReferenceSchema = z.strictObject({
  /** Digest of the file's bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "a sha256 in hex"),
  /** Digest that is the same across DuckDB versions. */
  row_digest: z.string().min(1),
  rows: z.int().min(1),
  /** What later tables are compared with. */
  first: firstCountsSchema.optional(),
});
export type FrozenReference = z.output<typeof frozenReferenceSchema>;
