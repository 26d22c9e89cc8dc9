import { roughDuration } from "../../../../src-view/times.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { ViewTask } from "./view-task.ts";

/** Tasks a view is expected to have until its folds are known: one on its rows, five folds for each family. */
const expectedFolds = 5;

/**
 * Progress of an assessment, by tasks, and the time it still needs, by rows: a fold of the pooled view takes as long as all
 * its segments together. Reused results say nothing about speed and don't count for the rate.
 */
export function assessProgress(
  views: readonly { readonly view: ViewTask; readonly rows: number }[],
  context: Pick<OperationContext, "report">,
  now: () => number = Date.now,
) {
  const expected = new Map(views.map(({ view }) => [view, 1 + view.input.target.families.length * expectedFolds]));
  const rowsOf = new Map(views.map(({ view, rows }) => [view, rows]));
  const doneOf = new Map<ViewTask, number>();
  let [done, reused, measuredWeight, beganAt] = [0, 0, 0, null as number | null];
  /** A small task costs its overhead. */
  const weight = (view: ViewTask) => (rowsOf.get(view) ?? 0) + 500;

  const remainingSeconds = (): number | null => {
    if (beganAt === null || measuredWeight === 0) return null;
    const left = views.reduce(
      (sum, { view }) => sum + weight(view) * Math.max(0, (expected.get(view) ?? 0) - (doneOf.get(view) ?? 0)),
      0,
    );
    return ((now() - beganAt) / 1_000 / measuredWeight) * left;
  };
  return {
    tasks: (view: ViewTask, count: number) => void expected.set(view, count),
    task: (view: ViewTask, it: { readonly isReused: boolean; readonly what: string }) => {
      done += 1;
      doneOf.set(view, (doneOf.get(view) ?? 0) + 1);
      if (it.isReused) reused += 1;
      // The clock starts when the first task ends, because nobody knows when it began.
      else if (beganAt === null) beganAt = now();
      else measuredWeight += weight(view);
      const total = Math.max(
        done,
        [...expected.values()].reduce((sum, count) => sum + count, 0),
      );
      const seconds = remainingSeconds();
      const rest = seconds === null ? "" : `, about ${roughDuration(seconds)} left`;
      const reuse = reused === 0 ? "" : `, ${reused} reused`;
      context.report({ stage: "assess", done, total, unit: "results", message: `${it.what}${reuse}${rest}` });
    },
    sum: () => ({ done, reused }),
  };
}
