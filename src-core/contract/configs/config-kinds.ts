/**
 * The versioned kinds of configuration. Everything that iterates over versions reads this list. `key` names the version in a run, in
 * active.yaml and in MLflow; `field` in results; `resolved` in a run's resolved configuration; `inRun` is its position among a run's versions.
 */
export const configKinds = {
  data_contract: {
    key: "data_contract_version",
    field: "dataContractVersion",
    resolved: "dataContract",
    folder: "data_contracts",
    title: "Data contract",
    inRun: 4,
  },
  split: {
    key: "split_version",
    field: "splitVersion",
    resolved: "split",
    folder: "splits",
    title: "Split",
    inRun: 1,
  },
  feature: {
    key: "feature_version",
    field: "featureVersion",
    resolved: "feature",
    folder: "features",
    title: "Feature schema",
    inRun: 2,
  },
  model: {
    key: "model_version",
    field: "modelVersion",
    resolved: "model",
    folder: "models",
    title: "Model schema",
    inRun: 3,
  },
} as const;
export type ConfigKind = keyof typeof configKinds;
export type VersionKey = (typeof configKinds)[ConfigKind]["key"];
type VersionField = (typeof configKinds)[ConfigKind]["field"];

/** The version numbers of a run, under their names in MLflow. */
export type Versions = Readonly<Record<VersionKey, number>>;
/** The version numbers of a run, under their names in results. */
export type VersionFields = Readonly<Record<VersionField, number>>;

/** The kinds, in the order of a run's versions. */
export const kindsOfRun: readonly ConfigKind[] = (Object.keys(configKinds) as ConfigKind[]).sort(
  (a, b) => configKinds[a].inRun - configKinds[b].inRun,
);

/** Makes a record with one value for each kind, under the key that `name` returns. */
export function byKind<Name extends string, Value>(
  name: (kind: ConfigKind) => Name,
  value: (kind: ConfigKind) => Value,
): Readonly<Record<Name, Value>> {
  // Each kind has a name, so the record is complete.
  return Object.fromEntries(kindsOfRun.map((kind) => [name(kind), value(kind)])) as Record<Name, Value>;
}

/** The file of a version, project-relative, POSIX. */
export function versionPath(kind: ConfigKind, version: number): string {
  return `configs/${configKinds[kind].folder}/v${version}.yaml`;
}

/** Where the content of a version is kept from its first use on: tracked by git, and never read by a run itself. */
export function keptPath(kind: ConfigKind, version: number): string {
  return `configs/frozen/${configKinds[kind].folder}/v${version}.yaml`;
}

export const versionKeyOf = (kind: ConfigKind): VersionKey => configKinds[kind].key;
const versionFieldOf = (kind: ConfigKind): VersionField => configKinds[kind].field;

/** Returns the versions under their names in results. */
export function versionFields(versions: Versions): VersionFields {
  return byKind(versionFieldOf, (kind) => versions[configKinds[kind].key]);
}

/** A value for each version field of a result. */
export function versionFieldsOf<Value>(value: Value): Readonly<Record<VersionField, Value>> {
  return byKind(versionFieldOf, () => value);
}
