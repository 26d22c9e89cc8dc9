import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { type FeatureSchema, featureColumns } from "../../../contract/configs/feature-schema.ts";
import { AppError } from "../../../contract/errors.ts";

/**
 * Finds features that can't be known when the decision is made: the target, and columns the contract marks `known: after`.
 * @throws splits/leakage
 */
export function refuseLeakingFeatures(
  contract: DataContract,
  feature: { readonly path: string; readonly value: FeatureSchema },
  contractFile: string,
): void {
  const leaking = featureColumns(feature.value).flatMap((column) => {
    if (column === contract.target) return [{ column, reason: "it is the target" }];
    const isAfter = contract.columns[column]?.known === "after";
    return isAfter ? [{ column, reason: "it is known only after the decision (known: after)" }] : [];
  });
  if (leaking.length === 0) return;
  throw new AppError({
    code: "splits/leakage",
    message: `${feature.path} uses what can't be known at the decision: ${leaking.map(({ column, reason }) => `${column}, ${reason}`).join("; ")}.`,
    hint: `Take ${leaking.length === 1 ? "it" : "them"} out of a new feature version, or correct \`known\` in ${contractFile} if it is wrong.`,
    details: { file: feature.path, leaking },
  });
}

/** Feature columns whose times must not be after the decision's. */
export function timestampFeatures(contract: DataContract, feature: FeatureSchema): readonly string[] {
  return featureColumns(feature).filter((column) => contract.columns[column]?.type === "timestamp");
}
