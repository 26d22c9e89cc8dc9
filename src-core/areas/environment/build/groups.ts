/** Groups of Python packages that are locked apart from the base, each installed when first needed. */
interface Group {
  readonly summary: string;
  /** True: an environment of its own, without the base's packages beside it. */
  readonly isStandalone: boolean;
  /** True: what this repository's own checks need, nothing a project does. */
  readonly isForDevelopment: boolean;
}

export const groups = {
  lightgbm: { summary: "LightGBM's boosted trees", isStandalone: false, isForDevelopment: false },
  xgboost: {
    summary: "XGBoost's boosted trees",
    isStandalone: false,
    isForDevelopment: false,
  },
  dev: { summary: "ruff, mypy, pytest and hypothesis", isStandalone: false, isForDevelopment: true },
  dvc: { summary: "the stock DVC, to test against", isStandalone: true, isForDevelopment: true },
} as const satisfies Readonly<Record<string, Group>>;

export type GroupName = keyof typeof groups;

export const groupNames = Object.keys(groups) as readonly GroupName[];

export function isGroup(name: string): name is GroupName {
  return Object.hasOwn(groups, name);
}
