import type { Task } from "../../contract/configs/project-config.ts";
import type { ScoredRows } from "./scored-rows.ts";

/** The classes of a model, and those of a test that it doesn't know. */
export interface ModelClasses {
  /** Order of the classes in the model's probabilities; empty for a regression. */
  readonly classes: readonly string[];
  /** Rows of each further class of the test. */
  readonly unseenClasses: Readonly<Record<string, number>>;
}

/** The order of classes in which all these models' rows are read: those of the models, then those that only the test has. */
export function allClasses(models: readonly ModelClasses[]): readonly string[] {
  const known = models.flatMap(({ classes }) => classes);
  const unseen = models.flatMap(({ unseenClasses }) => Object.keys(unseenClasses)).toSorted();
  return [...new Set([...known, ...unseen])];
}

/** What `ScoredRows` says of classes, for rows that were read in the order of `classes`. */
export function classFacts(task: Task, classes: readonly string[]): Pick<ScoredRows, "classCount" | "classNames"> {
  return task === "regression" ? { classCount: 1 } : { classCount: classes.length, classNames: classes };
}

/** Indexes of the classes that the model doesn't know. */
export function unknownClasses(classes: readonly string[], model: Pick<ModelClasses, "classes">): readonly number[] {
  return classes.flatMap((name, k) => (model.classes.includes(name) ? [] : [k]));
}
