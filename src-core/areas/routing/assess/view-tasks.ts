import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import type { Core } from "../../../foundation/context.ts";
import { viewKey } from "../candidates/view-key.ts";
import type { PreparedViews } from "./prepare-views.ts";
import { viewFeatures } from "./view-features.ts";
import { type ViewTask, viewTask } from "./view-task.ts";

export interface ViewTasks {
  /** Every target's pooled view, each followed by its segments. */
  readonly all: readonly { readonly view: ViewTask; readonly rows: number }[];
  /** @throws routing/not-found for a view that isn't in the project's data */
  readonly viewOf: (target: string, symbol: string | null) => ViewTask;
}

/** The views of a project as tasks. `environment`: digest of the Python environment that measures them. */
export function viewTasksOf(core: Pick<Core, "projectDir">, prepared: PreparedViews, environment: string): ViewTasks {
  const { project, configs, targets } = prepared;
  const features = viewFeatures(
    configs.feature.value,
    targets.map(({ target }) => target),
  );
  const column = project.config.segments?.column;
  const all = targets.flatMap(({ target, pooled, segments }) => {
    const of = (segment: { readonly column: string; readonly value: string } | null, rows: number) => ({
      rows,
      view: viewTask({
        projectDir: core.projectDir,
        root: project.paths.evidence,
        target,
        segment,
        pooled,
        trainFile: path.join(project.paths.root, pooled.train.path),
        features,
        configs,
        selection: project.config.selection ?? null,
        environment,
      }),
    });
    return [
      of(null, pooled.train.rows),
      ...(column === undefined ? [] : segments.map(({ value, train }) => of({ column, value }, train))),
    ];
  });
  const byKey = new Map(
    all.map(({ view }) => [viewKey(view.input.target.name, view.input.segment?.value ?? null), view]),
  );
  return {
    all,
    viewOf: (target, symbol) => {
      const view = byKey.get(viewKey(target, symbol));
      if (view !== undefined) return view;
      throw new AppError({
        code: "routing/not-found",
        message: `The project's data has no view ${target}/${viewName(symbol)}.`,
        next: [nextStep("routing.planBuild", {}, "skips what can't be trained")],
      });
    },
  };
}
