"""Metrics of a fitted model on its own train set, by the definitions of the workbench's metric registry."""

from __future__ import annotations

import numpy as np

from signalbox_trainer.specs.schemas import Task

_EPSILON = 1e-15
_BINS = 10

Metrics = dict[str, float]


def regression_metrics(y: np.ndarray, predicted: np.ndarray) -> Metrics:
    """Both (rows,) in the target's unit. Metrics that are undefined on these rows are omitted."""
    error = y - predicted
    squared = float(np.mean(error**2))
    mae = float(np.mean(np.abs(error)))
    found = {"rmse": squared**0.5, "mae": mae, "pinball": mae / 2}
    variance = float(np.mean((y - y.mean()) ** 2))
    if variance > 0:
        found["r2"] = 1.0 - squared / variance
    if y.min() >= 0:
        logs = np.log1p(y) - np.log1p(np.maximum(predicted, 0.0))
        found["rmsle"] = float(np.mean(logs**2)) ** 0.5
    if np.all(y != 0):
        found["mape"] = float(np.mean(np.abs(error / y)))
    return found


def roc_auc(is_positive: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve; both (rows,); ties count half. Needs a row of each class."""
    order = np.argsort(score)
    ordered = score[order]
    last_rank = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(ordered))
    counts = np.diff(last_rank, prepend=0)
    mean_rank = last_rank - (counts - 1) / 2
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    hits = np.diff(np.cumsum(is_positive[order])[last_rank - 1], prepend=0)
    rank_sum = float((mean_rank * hits).sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def _average_precision(is_positive: np.ndarray, score: np.ndarray) -> float:
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(is_positive[order])
    last_of_tie = np.append(np.diff(score[order]) != 0, True)
    found = hits[last_of_tie]
    seen = np.flatnonzero(last_of_tie) + 1
    return float(np.sum(np.diff(found, prepend=0) * found / seen) / found[-1])


def _f1(is_true: np.ndarray, is_predicted: np.ndarray) -> float:
    both = int((is_true & is_predicted).sum())
    either = int(is_true.sum() + is_predicted.sum())
    return 2 * both / either if either else 0.0


def _calibration_error(is_positive: np.ndarray, probability: np.ndarray) -> float:
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    gap = np.bincount(bins, weights=probability, minlength=_BINS) - np.bincount(
        bins, weights=is_positive.astype(np.float64), minlength=_BINS
    )
    return float(np.abs(gap).sum() / counts.sum())


def class_metrics(codes: np.ndarray, probabilities: np.ndarray, positive: int | None) -> Metrics:
    """`codes` (rows,) index the columns of `probabilities` (rows, classes); `positive` is a binary model's column."""
    rows, classes = probabilities.shape
    of_true = np.clip(probabilities[np.arange(rows), codes], _EPSILON, 1 - _EPSILON)
    predicted = probabilities.argmax(axis=1)
    truth = codes[:, None] == np.arange(classes)
    found = {
        "log_loss": float(-np.mean(np.log(of_true))),
        "accuracy": float(np.mean(predicted == codes)),
    }
    if positive is not None:
        is_positive, probability = truth[:, positive], probabilities[:, positive]
        found["roc_auc"] = roc_auc(is_positive, probability)
        found["pr_auc"] = _average_precision(is_positive, probability)
        found["f1"] = _f1(is_positive, predicted == positive)
        found["brier"] = float(np.mean((probability - is_positive) ** 2))
        found["calibration_error"] = _calibration_error(is_positive, probability)
        return found
    each = range(classes)
    found["roc_auc"] = float(np.mean([roc_auc(truth[:, k], probabilities[:, k]) for k in each]))
    found["pr_auc"] = float(np.mean([_average_precision(truth[:, k], probabilities[:, k]) for k in each]))
    found["f1"] = float(np.mean([_f1(truth[:, k], predicted == k) for k in each]))
    found["brier"] = float(np.mean(((probabilities - truth) ** 2).sum(axis=1)))
    return found


def train_metrics(model: object, table: object, y: np.ndarray, *, task: Task, positive: int | None) -> Metrics:
    """Metrics of `model` on (table, y), named `train_<metric>`."""
    if task == "regression":
        found = regression_metrics(y, np.asarray(model.predict(table), dtype=np.float64))  # type: ignore[attr-defined]
    else:
        probabilities = np.asarray(model.predict_proba(table), dtype=np.float64)  # type: ignore[attr-defined]
        codes = np.searchsorted(model.classes_, y)  # type: ignore[attr-defined]
        found = class_metrics(codes, probabilities, positive)
    return {f"train_{name}": value for name, value in found.items()}
