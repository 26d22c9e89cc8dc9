"""Finds single features that determine the target almost completely: by their value, or by being missing.

Returns only numbers; the caller decides what is too good. Each score is out of sample: learned on one half of the
groups, scored on the other, and averaged over both directions. So an identifier gains nothing from having
as many values as there are rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from signalbox_trainer.fitting.train_metrics import roc_auc
from signalbox_trainer.specs.schemas import Task

BINS = 32
# With fewer rows, a side of a comparison can agree with the target by chance.
MIN_ROWS = 20
MIN_PER_CLASS = 5

Learner = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Probe:
    """One input column, (rows,): numbers with NaN for null, or category codes with −1 for null."""

    feature: str
    values: np.ndarray
    is_categorical: bool

    def is_missing(self) -> np.ndarray:
        return self.values < 0 if self.is_categorical else np.isnan(self.values)


def r_squared(y: np.ndarray, predicted: np.ndarray) -> float | None:
    """1 − squared error / variance on these rows; None if the target is constant."""
    variance = float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    return 1.0 - float(((y - predicted) ** 2).sum()) / variance if variance > 0 else None


def score_of(task: Task, y: np.ndarray, predicted: np.ndarray) -> float | None:
    """R² of a regression, area under the ROC curve of two classes (`y` 1 for the positive); None if undefined."""
    if task == "regression":
        return r_squared(y, predicted)
    is_positive = y == 1
    return roc_auc(is_positive, predicted) if is_positive.any() and not is_positive.all() else None


def _is_enough(task: Task, y: np.ndarray) -> bool:
    positives = int((y == 1).sum())
    has_both = task == "regression" or min(positives, len(y) - positives) >= MIN_PER_CLASS
    return len(y) >= MIN_ROWS and has_both


def _means(codes: np.ndarray, y: np.ndarray, size: int, prior: float) -> np.ndarray:
    counts = np.bincount(codes, minlength=size)
    sums = np.bincount(codes, weights=y, minlength=size)
    return np.asarray(np.divide(sums, counts, out=np.full(size, prior), where=counts > 0))


def _by_category(x: np.ndarray, y: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Target means of the categories, for the rows `other`; an unseen category gets the mean of all rows."""
    size = int(max(x.max(), other.max())) + 1
    return np.asarray(_means(x, y, size, float(y.mean()))[other])


def _by_bin(x: np.ndarray, y: np.ndarray, other: np.ndarray) -> np.ndarray:
    edges = np.unique(np.sort(x)[np.arange(1, BINS) * len(x) // BINS])
    means = _means(np.searchsorted(edges, x, side="right"), y, BINS, float(y.mean()))
    return np.asarray(means[np.searchsorted(edges, other, side="right")])


def _by_value(x: np.ndarray, y: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The raw value, negated if it fell as the target rose in the training rows."""
    return other if roc_auc(y == 1, x) >= 0.5 else -other


def _crossed(learn: Learner, task: Task, x: np.ndarray, y: np.ndarray, is_first: np.ndarray) -> float | None:
    scores = [score_of(task, y[~side], learn(x[side], y[side], x[~side])) for side in (is_first, ~is_first)]
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if len(known) == len(scores) else None


def _value_finding(probe: Probe, y: np.ndarray, is_first: np.ndarray, task: Task) -> dict[str, Any] | None:
    present = ~probe.is_missing()
    x, target, side = probe.values[present], y[present], is_first[present]
    if not (_is_enough(task, target[side]) and _is_enough(task, target[~side])):
        return None
    learners: dict[str, Learner] = {"category_mean": _by_category} if probe.is_categorical else {"binned": _by_bin}
    if task == "binary" and not probe.is_categorical:
        learners["raw"] = _by_value
    scores = {name: _crossed(learn, task, x, target, side) for name, learn in learners.items()}
    known = {name: score for name, score in scores.items() if score is not None}
    if not known:
        return None
    detail = {"rows": len(x), **known}
    return {"feature": probe.feature, "score": max(known.values()), "kind": "value", "detail": detail}


def _missing_classes(missing: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Reports the class that is more frequent among the missing rows than elsewhere."""
    base = float(y.mean())
    share = float(y[missing].mean())
    is_positive = share >= base
    precision, rate = (share, base) if is_positive else (1 - share, 1 - base)
    is_class = y == (1 if is_positive else 0)
    of_class = int(is_class.sum())
    return {
        "missing_rows": int(missing.sum()),
        "class": "positive" if is_positive else "negative",
        "precision": precision,
        "base_rate": rate,
        "recall": int(is_class[missing].sum()) / of_class if of_class else 0.0,
    }


def _missing_finding(probe: Probe, y: np.ndarray, is_first: np.ndarray, task: Task) -> dict[str, Any] | None:
    missing = probe.is_missing()
    rows = int(missing.sum())
    if rows < MIN_ROWS or len(y) - rows < MIN_ROWS:
        return None
    if task == "binary":
        detail = _missing_classes(missing, y)
        return {"feature": probe.feature, "score": detail["precision"], "kind": "missing", "detail": detail}
    if not all(len(np.unique(missing[side])) == 2 for side in (is_first, ~is_first)):
        return None
    score = _crossed(_by_category, task, missing.astype(np.int64), y, is_first)
    means = {"mean_missing": float(y[missing].mean()), "mean_present": float(y[~missing].mean())}
    detail = {"missing_rows": rows, **means}
    return None if score is None else {"feature": probe.feature, "score": score, "kind": "missing", "detail": detail}


def single_features(probes: list[Probe], y: np.ndarray, is_first: np.ndarray, task: Task) -> list[dict[str, Any]]:
    """{feature, score, kind, detail} of each column; nothing for a column with too few rows.

    `kind` value: the score of the present rows, R² of a mean by 32 quantile bins or by category; for two classes the
    area under the ROC curve of that mean or of the raw number, whichever is larger. `kind` missing: the share of the
    missing rows that are of one class (`precision`), with that class's share of all rows (`base_rate`) and the share
    of it that is missing (`recall`); in a regression R² of the means of missing and present rows.
    """
    found = [
        finding
        for probe in probes
        for finding in (_value_finding(probe, y, is_first, task), _missing_finding(probe, y, is_first, task))
    ]
    return [finding for finding in found if finding is not None]
