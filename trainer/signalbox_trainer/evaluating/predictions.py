"""Per-row predictions and losses as columns, in the order and types of the predictions file.

Regression: `prediction`, `squared_error`, `absolute_error`. Binary: `probability` (of the positive class), `predicted`,
`log_loss`, `is_error`. Multi-class: `probability_<i>` by class, `predicted`, `log_loss`, `is_error`. The `target` is a
number in a regression and the class as a string otherwise. Key columns come first, named by `key_column`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.specs.schemas import Task
from signalbox_trainer.tables.labels import class_text, classes_of, numbers_of, positive_index, texts_of

EPSILON = 1e-15
_OWN_COLUMN = re.compile(
    r"(key:)*(target|prediction|squared_error|absolute_error|probability(_[0-9]+)?|predicted|log_loss|is_error)",
    re.IGNORECASE,
)


def key_column(name: str) -> str:
    """The name of a key column in a predictions file.

    A name that the file's own columns use gets a prefix, whatever its case, as SQL ignores case. Names stay distinct.
    """
    return f"key:{name}" if _OWN_COLUMN.fullmatch(name) else name


@dataclass(frozen=True)
class Scoring:
    """The settings for scoring all sets. `classes` are strings in column order, [negative, positive] if binary."""

    model: Any
    task: Task
    target: str
    target_type: str
    classes: list[str]
    columns: list[int]


def make_scoring(model: Any, *, task: Task, target: str, target_type: str, positive_class: Any) -> Scoring:
    """Raises evaluation/failed if a classifier has no probabilities."""
    if task == "regression":
        return Scoring(model, task, target, target_type, [], [])
    if not hasattr(model, "predict_proba"):
        raise TrainerError(
            "evaluation/failed",
            "The model has no probabilities (predict_proba), which the metrics of a classification need.",
            hint="Use a classifier with predict_proba.",
        )
    columns = list(range(len(model.classes_)))
    if task == "binary":
        positive = positive_index(model.classes_, positive_class)
        columns = [1 - positive, positive]
    return Scoring(model, task, target, target_type, [class_text(model.classes_[k]) for k in columns], columns)


def _regression(scoring: Scoring, table: pd.DataFrame, target: pd.Series) -> dict[str, np.ndarray]:
    y = numbers_of(target, scoring.target_type, scoring.target)
    predicted = np.asarray(scoring.model.predict(table), dtype=np.float64)
    error = predicted - y
    return {
        "target": y,
        "prediction": predicted,
        "squared_error": error * error,
        "absolute_error": np.abs(error),
    }


def _classification(scoring: Scoring, table: pd.DataFrame, target: pd.Series) -> dict[str, np.ndarray]:
    truth = texts_of(classes_of(target, scoring.target_type, scoring.target))
    probabilities = np.asarray(scoring.model.predict_proba(table), dtype=np.float64)[:, scoring.columns]
    codes = pd.Index(scoring.classes).get_indexer(pd.Index(truth))
    # A class that the model has never seen has probability 0: the worst loss, and an error.
    of_true = np.where(codes < 0, 0.0, probabilities[np.arange(len(codes)), np.maximum(codes, 0)])
    best = probabilities.argmax(axis=1)
    found: dict[str, np.ndarray] = {"target": truth}
    if scoring.task == "binary":
        found["probability"] = probabilities[:, 1]
    else:
        found.update({f"probability_{i}": probabilities[:, i] for i in range(len(scoring.classes))})
    found["predicted"] = np.asarray(scoring.classes, dtype=object)[best]
    found["log_loss"] = -np.log(np.clip(of_true, EPSILON, 1 - EPSILON))
    found["is_error"] = best != codes
    return found


def score(scoring: Scoring, table: pd.DataFrame, target: pd.Series) -> dict[str, np.ndarray]:
    """Columns (rows,) of predictions and losses for raw feature columns and the raw target."""
    compute = _regression if scoring.task == "regression" else _classification
    found = compute(scoring, table, target)
    bad = [name for name, values in found.items() if values.dtype.kind == "f" and not np.isfinite(values).all()]
    if bad:
        raise TrainerError(
            "evaluation/failed",
            f"The model's {', '.join(bad)} isn't finite in every row.",
            hint="Scale or clip the features; a linear model that diverged predicts infinities.",
        )
    return found


def unseen_classes(scoring: Scoring, target: np.ndarray) -> dict[str, int]:
    """Classes of a scored set that training never saw, with their numbers of rows."""
    if scoring.task == "regression":
        return {}
    counts = pd.Series(target).value_counts()
    return {str(name): int(rows) for name, rows in counts.items() if name not in scoring.classes}
