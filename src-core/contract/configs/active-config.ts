import * as z from "zod";
import { schemaVersion } from "../schema-parts.ts";
import { byKind, configKinds, versionKeyOf } from "./config-kinds.ts";

/** Schema of `configs/active.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

const versionNumber = z.int().min(0);

export const activeConfigSchema = z.strictObject({
  version: schemaVersion,
  ...byKind(versionKeyOf, (kind) => versionNumber.describe(`${configKinds[kind].title} that a run uses by default`)),
  allowed: z
    .strictObject(
      byKind(
        (kind) => kind,
        (kind) =>
          z
            .array(versionNumber)
            .optional()
            .describe(`Allowed ${kind.replace("_", " ")} versions`),
      ),
    )
    .optional()
    .describe("Versions that runs may use; without a list, every existing version is allowed"),
});
export type ActiveConfig = z.output<typeof activeConfigSchema>;
