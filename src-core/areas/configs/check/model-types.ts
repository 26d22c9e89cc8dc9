import type { Task } from "../../../contract/configs/project-config.ts";

/** What resolving needs of a model type. The trainer's registry knows how it is built and which parameters it takes. */
export interface ModelType {
  readonly tasks: readonly Task[];
  /** Whether fitting draws random numbers: always, never, or under these values of a parameter. */
  readonly seed: "always" | "never" | Readonly<Record<string, readonly string[]>>;
  /** Locked group of Python packages beyond the base. */
  readonly group: "lightgbm" | "xgboost" | null;
}

const all = ["regression", "binary", "multiclass"] as const;
const classes = ["binary", "multiclass"] as const;

/** The same names and rules as the trainer's registry; a test compares the two. */
export const modelTypes: Readonly<Record<string, ModelType>> = {
  gradient_boosting: { tasks: all, seed: "always", group: null },
  hist_gradient_boosting: { tasks: all, seed: "always", group: null },
  random_forest: { tasks: all, seed: "always", group: null },
  extra_trees: { tasks: all, seed: "always", group: null },
  decision_tree: { tasks: all, seed: "always", group: null },
  linear_regression: { tasks: ["regression"], seed: "never", group: null },
  ridge: { tasks: ["regression"], seed: { solver: ["sag", "saga"] }, group: null },
  elastic_net: { tasks: ["regression"], seed: { selection: ["random"] }, group: null },
  logistic_regression: { tasks: classes, seed: { solver: ["sag", "saga", "liblinear"] }, group: null },
  mlp: { tasks: all, seed: "always", group: null },
  lightgbm: { tasks: all, seed: "always", group: "lightgbm" },
  xgboost: { tasks: all, seed: "always", group: "xgboost" },
};

/** Whether a model schema of this type and these parameters must name a seed. */
export function needsSeed({ seed }: ModelType, params: Readonly<Record<string, unknown>>): boolean {
  if (typeof seed === "string") return seed === "always";
  return Object.entries(seed).some(([name, values]) => values.some((value) => value === params[name]));
}

/** `python:<module>:<factory>`: a factory of the user's own; only the trainer can find out whether it has a seed. */
export const ownModelPattern = /^python:[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$/;

/** The estimators in a model type: its own, or those of a composite (`stacked(a,b)`, `ensemble(a,b)`, nested too). */
export function partsOf(type: string): readonly string[] {
  return type.startsWith("python:")
    ? [type]
    : type.split(/[(),]+/).filter((part) => !["", ...composites].includes(part));
}

const composites = ["stacked", "ensemble"];

/** The Python package groups a model type needs in addition to the base. */
export function modelGroups(type: string): readonly string[] {
  const groups = partsOf(type).flatMap((part) => {
    const group = Object.hasOwn(modelTypes, part) ? modelTypes[part]?.group : undefined;
    return group ? [group] : [];
  });
  return [...new Set(groups)].toSorted();
}
