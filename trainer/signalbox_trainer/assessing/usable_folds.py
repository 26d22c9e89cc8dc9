"""Finds the folds of a view that a model can be fitted and scored on, and the reason against each of the others."""

from __future__ import annotations

import numpy as np

from signalbox_trainer.assessing.folds import Fold
from signalbox_trainer.assessing.views import View
from signalbox_trainer.specs.schemas import Task
from signalbox_trainer.specs.tasks import FoldSpec

NEEDED = 2


def _refusal(fold: Fold, y: np.ndarray, task: Task) -> str | None:
    if len(fold.train) == 0 or len(fold.test) == 0:
        return "no rows on one side"
    if len(np.unique(y[fold.train])) < 2:
        return "rows of one class only to fit on" if task == "binary" else "a constant target to fit on"
    return None


def _too_few(view: View, spec: FoldSpec, dropped: list[str]) -> str:
    if dropped:
        have = "has" if len(dropped) == 1 else "have"
        return f"{len(dropped)} of {len(view.folds)} folds {have} {' or '.join(sorted(set(dropped)))}."
    if spec.strategy in ("group", "group_time") and view.rows.groups is not None:
        groups = len(np.unique(view.rows.groups.astype(str)))
        if groups < NEEDED:
            return f"Folds need two groups; {', '.join(spec.group)} has {groups}."
    return "Two folds over time need three points in time." if spec.time else "Folds need two rows."


def usable_folds(view: View, spec: FoldSpec, task: Task) -> tuple[list[Fold], str | None]:
    """The usable folds, numbered from 0 in their order, and a note if there are fewer than requested."""
    if len(np.unique(view.y)) < 2:
        return [], "The target has one class only." if task == "binary" else "The target is constant."
    reasons = [_refusal(fold, view.y, task) for fold in view.folds]
    used = [fold for fold, reason in zip(view.folds, reasons, strict=True) if reason is None]
    dropped = [reason for reason in reasons if reason is not None]
    return used, _too_few(view, spec, dropped) if dropped or len(used) < NEEDED else None
