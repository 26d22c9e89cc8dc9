import * as z from "zod";
import { schemaVersion } from "../schema-parts.ts";

/** Schema of `configs/models/v<N>.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

export const modelSchemaSchema = z.strictObject({
  version: schemaVersion,
  model: z
    .strictObject({
      type: z
        .string()
        .min(1)
        .describe("One of the model types below, or `python:<module>:<factory>` with the module below the project"),
      params: z
        .record(z.string(), z.unknown())
        .default({})
        .describe("The estimator's own parameters, checked against its signature"),
    })
    .describe("The estimator"),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional()
    .describe("Seed of every random choice in fitting; required where the estimator has one"),
});
export type ModelSchema = z.output<typeof modelSchemaSchema>;
