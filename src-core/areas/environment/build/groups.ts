/** Groups of Python packages with their own locks, each installed when it is first needed. */
interface Group {
  readonly summary: string;
  /** Whether the environment has only this group, without the packages of the base. */
  readonly isStandalone: boolean;
  /** Whether only the checks of this repository need it, and no project. */
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
