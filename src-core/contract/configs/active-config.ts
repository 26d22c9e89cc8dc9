import { z } from "zod";
import { schemaVersion } from "../schema-parts.ts";

/** `configs/active.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

const versionNumber = z.int().min(0);

export const activeConfigSchema = z.strictObject({
  version: schemaVersion,
  split_version: versionNumber.describe("Split that a run takes unless told otherwise"),
  feature_version: versionNumber.describe("Feature schema that a run takes unless told otherwise"),
  model_version: versionNumber.describe("Model schema that a run takes unless told otherwise"),
  data_contract_version: versionNumber.describe("Data contract that a run takes unless told otherwise"),
  allowed: z
    .strictObject({
      split: z.array(versionNumber).optional().describe("Allowed split versions"),
      feature: z.array(versionNumber).optional().describe("Allowed feature versions"),
      model: z.array(versionNumber).optional().describe("Allowed model versions"),
      data_contract: z.array(versionNumber).optional().describe("Allowed data contract versions"),
    })
    .optional()
    .describe("Versions that runs may use; without a list every existing one is allowed"),
});
export type ActiveConfig = z.output<typeof activeConfigSchema>;
