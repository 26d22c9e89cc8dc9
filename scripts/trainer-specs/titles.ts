import type * as z from "zod";
import {
  categoricalBlockSchema,
  datetimeBlockSchema,
  numericBlockSchema,
  textBlockSchema,
} from "../../src-core/contract/configs/feature-blocks.ts";
import { featureSchemaSchema } from "../../src-core/contract/configs/feature-schema.ts";
import { modelSchemaSchema } from "../../src-core/contract/configs/model-schema.ts";
import { taskSchema } from "../../src-core/contract/configs/project-config.ts";
import { routingTaskSchema, selectionSchema } from "../../src-core/contract/configs/targets.ts";

export interface Title {
  /** Name of the Python class or type */
  readonly title: string;
  readonly description: string;
}

/** Schemas of configuration files that the trainer reads, too; the others have their title in themselves. */
const configurationTitles: ReadonlyMap<z.ZodType, Title> = new Map<z.ZodType, Title>([
  [taskSchema, { title: "Task", description: "What is predicted: a number, one of two classes, or one of several." }],
  [routingTaskSchema, { title: "AssessedTask", description: "What an assessed target is: a number, or two classes." }],
  [numericBlockSchema, { title: "NumericBlock", description: "Columns taken as numbers." }],
  [categoricalBlockSchema, { title: "CategoricalBlock", description: "Columns taken as categories and encoded." }],
  [textBlockSchema, { title: "TextBlock", description: "One column of free text." }],
  [datetimeBlockSchema, { title: "DatetimeBlock", description: "Times taken apart into calendar parts." }],
  [featureSchemaSchema, { title: "FeatureSchema", description: "How columns become features." }],
  [modelSchemaSchema, { title: "ModelSchema", description: "What is fitted." }],
  [selectionSchema, { title: "Selection", description: "How features are chosen: the mean over some seeds." }],
]);

/** The name of a schema in Python; undefined if it has none. */
export function titleOf(schema: z.ZodType): Title | undefined {
  const known = configurationTitles.get(schema);
  if (known !== undefined) return known;
  const { title, description } = schema.meta() ?? {};
  return title === undefined ? undefined : { title, description: description ?? "" };
}
