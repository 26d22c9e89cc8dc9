import { hash } from "node:crypto";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { type FeatureSchema, featureColumns } from "../../../contract/configs/feature-schema.ts";
import type { Target } from "../policy/targets.ts";

export interface ViewFeatures {
  /** In the feature schema's order. */
  readonly features: readonly string[];
  readonly excluded: readonly { readonly feature: string; readonly reason: string }[];
}

/**
 * Features that any target may be predicted from: those of the schema, without every target's columns and what their SQL
 * reads. A feature that is known only after the decision stays in, so that the detector blocks it: excluded silently, it
 * would come back with the next schema.
 */
export function viewFeatures(schema: FeatureSchema, targets: readonly Target[]): ViewFeatures {
  const tells = new Map<string, string>();
  for (const target of targets)
    for (const column of target.reads)
      if (!tells.has(column))
        tells.set(
          column,
          target.sql === null ? `is the target ${target.name}` : `is read by the target ${target.name}`,
        );
  const all = featureColumns(schema);
  return {
    features: all.filter((column) => !tells.has(column)),
    excluded: all.flatMap((feature) => {
      const reason = tells.get(feature);
      return reason === undefined ? [] : [{ feature, reason }];
    }),
  };
}

/** Features that are known only after the decision, according to the data contract. */
export function knownAfter(features: readonly string[], contract: DataContract): readonly string[] {
  return features.filter((feature) => contract.columns[feature]?.known === "after");
}

/** 16 hexadecimal digits of the sha256 of the ordered features as JSON. */
export function featureSetId(features: readonly string[]): string {
  return hash("sha256", JSON.stringify(features)).slice(0, 16);
}
