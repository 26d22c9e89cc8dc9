import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import {
  bestOf,
  type MeasuredFamily,
  type Measuring,
  measureFamily,
  nameOf,
  prepared,
} from "../assess/measure-view.ts";
import { familySignature, type ViewTask } from "../assess/view-task.ts";
import type { Family } from "../policy/targets.ts";

export interface Winner {
  readonly family: Family;
  readonly competition: PlanRun["competition"];
  /** Rows of the view. */
  readonly rows: number;
  /** Parquet files of the winner's held-out predictions, one per fold; absolute. */
  readonly heldOut: readonly string[];
}

/**
 * Lets a view's families compete out of fold, on the assessment's evidence if it exists; the best score wins, among equal
 * ones the first by name.
 * @throws training/failed if none could be fitted, with the reason for each
 */
export async function compete(view: ViewTask, families: readonly Family[], it: Measuring): Promise<Winner> {
  const rows = await prepared(view, it);
  if (rows.folds < 2) {
    throw new AppError({
      code: "training/failed",
      message: `${nameOf(view)} can't be cross-validated: ${rows.note ?? "fewer than two folds can be made of its rows"}.`,
      next: [nextStep("routing.assess", {}, "measures it; the next plan then skips it")],
    });
  }
  const measured = await Promise.all(families.map((family) => measureFamily(view, family, { it, folds: rows.folds })));
  const best = bestOf(measured);
  const family = families.find(({ name }) => name === best?.evidence.family);
  if (family === undefined) throw noneFitted(view, measured);
  const signature = familySignature(view, family);
  return {
    family,
    competition: measured.map(({ evidence }) => ({
      family: evidence.family,
      score: evidence.error === null ? evidence.score : null,
      note: evidence.error?.message ?? null,
    })),
    rows: rows.rows,
    heldOut: Array.from({ length: rows.folds }, (_, fold) => view.paths.heldOut(signature, fold)),
  };
}

function noneFitted(view: ViewTask, measured: readonly MeasuredFamily[]): AppError {
  const { target, segment } = view.input;
  const why = measured.map(({ evidence }) => `${evidence.family}: ${evidence.error?.message ?? "no score"}`);
  return new AppError({
    code: "training/failed",
    message: `No family of ${nameOf(view)} could be fitted: ${why.join("; ")}`,
    hint: "Correct the families in signalbox.yaml.",
    next: [
      nextStep(
        "routing.explain",
        { target: target.name, ...(segment !== null && { segment: segment.value }) },
        "shows the evidence",
      ),
    ],
  });
}
