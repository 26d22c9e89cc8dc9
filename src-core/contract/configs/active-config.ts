import { z } from "zod";
import { schemaVersion } from "../schema-parts.ts";
import { byKind, configKinds, versionKeyOf } from "./config-kinds.ts";

/** `configs/active.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

const versionNumber = z.int().min(0);

export const activeConfigSchema = z.strictObject({
  version: schemaVersion,
  ...byKind(versionKeyOf, (kind) =>
    versionNumber.describe(`${configKinds[kind].title} that a run takes unless told otherwise`),
  ),
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
    .describe("Versions that runs may use; without a list every existing one is allowed"),
});
export type ActiveConfig = z.output<typeof activeConfigSchema>;
