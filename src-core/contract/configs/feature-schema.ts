import * as z from "zod";
import { schemaVersion } from "../schema-parts.ts";
import { categoricalBlockSchema, datetimeBlockSchema, numericBlockSchema, textBlockSchema } from "./feature-blocks.ts";

/** Schema of `configs/features/v<N>.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

export const featureSchemaSchema = z.strictObject({
  version: schemaVersion,
  numeric: z.array(numericBlockSchema).default([]).describe("Numbers and booleans"),
  categorical: z
    .array(categoricalBlockSchema)
    .default([])
    .describe("Categories; a value that training never saw is ignored"),
  text: z.array(textBlockSchema).default([]).describe("Strings of words"),
  datetime: z.array(datetimeBlockSchema).default([]).describe("Parts of times"),
});
export type FeatureSchema = z.output<typeof featureSchemaSchema>;

/** Lists the input columns of a feature schema, in order of first appearance. */
export function featureColumns(schema: FeatureSchema): readonly string[] {
  const all = [
    ...schema.numeric.flatMap((block) => block.columns),
    ...schema.categorical.flatMap((block) => block.columns),
    ...schema.text.map((block) => block.column),
    ...schema.datetime.flatMap((block) => block.columns),
  ];
  return [...new Set(all)];
}
