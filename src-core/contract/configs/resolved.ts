import { byKind, type ConfigKind, configKinds, type Versions, versionKeyOf } from "./config-kinds.ts";
import type { DataContract } from "./data-contract.ts";
import type { FeatureSchema } from "./feature-schema.ts";
import type { ModelSchema } from "./model-schema.ts";
import type { PromotionConfig } from "./promotion-config.ts";
import type { SplitSchema } from "./split-schema.ts";

/** A configuration file as a run uses it. `digest` is the sha256 (hex) of the file's bytes. */
export interface ResolvedFile<T> {
  readonly kind: ConfigKind;
  readonly version: number;
  /** Relative to the project, POSIX. */
  readonly path: string;
  readonly digest: string;
  readonly value: T;
}

/** The configuration that determines a run. It is read once and never again. */
export interface ResolvedConfigs {
  readonly dataContract: ResolvedFile<DataContract>;
  readonly split: ResolvedFile<SplitSchema>;
  readonly feature: ResolvedFile<FeatureSchema>;
  readonly model: ResolvedFile<ModelSchema>;
  readonly promotion: { readonly path: string; readonly digest: string; readonly value: PromotionConfig };
}

/** Returns the version numbers of a resolved configuration. */
export function versionsOf(configs: ResolvedConfigs): Versions {
  return byKind(versionKeyOf, (kind) => configs[configKinds[kind].resolved].version);
}

/** Returns versions as `--set` gives them: `{split_version: "2", …}`. */
export function settingsOf(versions: Versions): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(versions).map(([key, version]) => [key, String(version)]));
}
