import { z } from "zod";
import { contractColumnSchema } from "../configs/data-contract.ts";
import { columnName, scalar } from "../schema-parts.ts";

/**
 * Pieces of the documents that the workbench writes for the trainer's programs. The trainer's reader is generated from these schemas
 * (scripts/generate-trainer-specs.ts), so that both sides mean the same. Keys are snake_case, as Python has them; a key that the trainer
 * doesn't know is passed over.
 */

/** A document as the workbench builds it: nothing in it is changed any more. */
export type Written<Schema extends z.ZodType> = Frozen<z.input<Schema>>;
type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

/** The path of a file or folder, in a job's specification below the job's folder; the trainer has a type of its own for it. */
export const filePath = z.string().meta({ isPath: true });

export const positiveClass = scalar
  .nullable()
  .describe("The class whose probability a binary model is measured by; the larger of its two where null");

const { type, non_nullable, known } = contractColumnSchema.shape;

/** The part of a data contract that the trainer reads; the workbench hands over the whole. */
export const trainedContractSchema = z
  .object({
    columns: z
      .record(
        columnName,
        z
          .object({ type, non_nullable, known })
          .meta({ title: "Column", description: "A column of the data contract." }),
      )
      .describe("Every column by its name"),
  })
  .meta({ title: "Contract", description: "What the data contract says of each column." });

export const memberSchema = z
  .object({
    model_dir: filePath.describe("Folder of the saved model"),
    model_type: z.string().describe("The type it was saved under"),
    expected_digest: z.string().describe("Digest of its files: with another one it isn't loaded"),
  })
  .meta({ title: "Member", description: "A fitted model that becomes part of another." });
export type Member = Written<typeof memberSchema>;
