"""The tasks `fold` and `select`: fits a family on a fold's training rows, and chooses its features."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa

from signalbox_trainer.assessing.fold_fit import Fitting, fit_rows
from signalbox_trainer.assessing.folds import Fold
from signalbox_trainer.assessing.importances import permutation_importances
from signalbox_trainer.assessing.leakage import score_of
from signalbox_trainer.assessing.selection import select_features
from signalbox_trainer.assessing.usable_folds import usable_folds
from signalbox_trainer.assessing.views import View
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.blocks import feature_columns
from signalbox_trainer.features.subset import only_columns
from signalbox_trainer.specs.reading import INVALID_SPEC
from signalbox_trainer.specs.tasks import FoldTask, Selection, SelectTask


def _fitting(task: FoldTask | SelectTask, threads: int) -> Fitting:
    return Fitting(task.view.task, task.contract.columns, task.family, threads, task.project_dir)


def _selected(
    task: FoldTask | SelectTask, view: View, rows: np.ndarray, chosen: tuple[Fitting, Selection]
) -> tuple[list[str], dict[str, float], str]:
    fitting, selection = chosen
    how = (selection, task.importance, task.folds.salt)
    return select_features(fitting, task.feature, (view.table, view.y, view.rows, rows), how)


def fold_of(task: FoldTask, view: View) -> Fold:
    """The fold of the task. Raises training/failed if the view doesn't have that many usable folds."""
    used, note = usable_folds(view, task.folds, task.view.task)
    if task.fold >= len(used):
        raise TrainerError(
            INVALID_SPEC, f"There is no fold {task.fold}: the view has {len(used)}. {note or ''}".strip()
        )
    return used[task.fold]


def held_out_table(view: View, fold: Fold, predicted: np.ndarray) -> pa.Table:
    """The columns row, source_row, group, target and prediction of the held-out rows, in the view's order."""
    groups = None if view.rows.groups is None else view.rows.groups[fold.test]
    return pa.table(
        {
            "row": pa.array(fold.test, type=pa.int64()),
            "source_row": pa.array(view.source_rows[fold.test], type=pa.int64()),
            "group": pa.nulls(len(fold.test), pa.string()) if groups is None else pa.array(groups, type=pa.string()),
            "target": pa.array(view.y[fold.test].astype(np.float64)),
            "prediction": pa.array(predicted),
        }
    )


def assess_fold(task: FoldTask, rows: tuple[View, Fold], threads: int) -> tuple[dict[str, Any], pa.Table]:
    """The fold's result without its memory, and its held-out predictions. Raises whatever the fit raises."""
    view, fold = rows
    fitting = _fitting(task, threads)
    feature = task.feature
    features = feature_columns(feature)
    if task.selection is not None:
        features, _, _ = _selected(task, view, fold.train, (fitting, task.selection))
        feature = only_columns(feature, features)
    fitted = fit_rows(fitting, feature, (view.table.iloc[fold.train], view.y[fold.train]), seed=task.family.seed)
    y = view.y[fold.test]
    started = time.perf_counter()
    matrix = fitted.matrix(view.table.iloc[fold.test])
    predicted = fitted.predict_matrix(matrix)
    predict_seconds = time.perf_counter() - started
    importances = permutation_importances(
        fitted,
        (matrix, y),
        lambda truth, guess: score_of(task.view.task, truth, guess),
        seed=task.importance.seed,
        max_rows=task.importance.max_rows,
    )
    result = {
        "fold": task.fold,
        "rows_train": len(fold.train),
        "rows_test": len(fold.test),
        "fit_seconds": fitted.seconds,
        "predict_seconds": predict_seconds,
        "features": features,
        "importances": importances or {},
        "importance_method": "none" if importances is None else "permutation",
        "score": score_of(task.view.task, y, predicted),
    }
    return result, held_out_table(view, fold, predicted)


def assess_select(task: SelectTask, view: View, threads: int) -> dict[str, Any]:
    """{features, importances, importance_method} over all rows of the view. Raises whatever a fit raises."""
    rows = np.arange(len(view.table))
    chosen = (_fitting(task, threads), task.selection)
    features, importances, method = _selected(task, view, rows, chosen)
    return {"features": features, "importances": importances, "importance_method": method}
