/** The four versioned kinds: the key a run names the version by, and the folder its files lie in. */
export const configKinds = {
  data_contract: { key: "data_contract_version", folder: "data_contracts" },
  split: { key: "split_version", folder: "splits" },
  feature: { key: "feature_version", folder: "features" },
  model: { key: "model_version", folder: "models" },
} as const;
export type ConfigKind = keyof typeof configKinds;
