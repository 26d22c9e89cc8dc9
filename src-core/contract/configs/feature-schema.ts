import { z } from "zod";
import { schemaVersion } from "../schema-parts.ts";
import { categoricalBlockSchema, datetimeBlockSchema, numericBlockSchema, textBlockSchema } from "./feature-blocks.ts";

/** `configs/features/v<N>.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

export const featureSchemaSchema = z.strictObject({
  version: schemaVersion,
  numeric: z.array(numericBlockSchema).default([]).describe("Numbers and truth values"),
  categorical: z
    .array(categoricalBlockSchema)
    .default([])
    .describe("Categories; one that training never saw is passed over"),
  text: z.array(textBlockSchema).default([]).describe("Texts of words"),
  datetime: z.array(datetimeBlockSchema).default([]).describe("Parts of times"),
});
export type FeatureSchema = z.output<typeof featureSchemaSchema>;

/** Every input column of a feature schema, in order of first appearance. */
export function featureColumns(schema: FeatureSchema): readonly string[] {
  const all = [
    ...schema.numeric.flatMap((block) => block.columns),
    ...schema.categorical.flatMap((block) => block.columns),
    ...schema.text.map((block) => block.column),
    ...schema.datetime.flatMap((block) => block.columns),
  ];
  return [...new Set(all)];
}
