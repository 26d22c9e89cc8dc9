"""How much each input column of the feature schema matters to a fitted pipeline, independent of its encoding."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from signalbox_trainer.assessing.fold_fit import FittedFold
from signalbox_trainer.models.estimators import inner_estimator

Score = Callable[[np.ndarray, np.ndarray], float | None]

# Predicting few rows is mostly overhead, so the copies that differ in one shuffled column are predicted together,
# as many as fit into a small amount of memory.
_ROWS_AT_ONCE = 100_000
_NUMBERS_AT_ONCE = 8_000_000


def _sample(rows: int, seed: int, max_rows: int) -> np.ndarray:
    if rows <= max_rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, max_rows, replace=False))


def permutation_importances(
    fitted: FittedFold, rows: tuple[Any, np.ndarray], score: Score, *, seed: int, max_rows: int
) -> dict[str, float] | None:
    """Drop of the score per input column when its values are shuffled (Breiman 2001); None if undefined.

    `rows` are the feature matrix of held-out rows and their targets. Every transformer works row by row and column by
    column, so shuffling a column's part of the matrix equals shuffling the column: nothing has to be transformed
    again. Uses at most `max_rows` of the rows, drawn by `seed`. A column's shuffle depends on its name and not on its
    position, so it doesn't depend on the other features.
    """
    matrix, y = rows
    chosen = _sample(len(y), seed, max_rows)
    matrix, y = matrix[chosen], y[chosen]
    base = score(y, fitted.predict_matrix(matrix))
    if base is None:
        return None
    places = fitted.matrix_columns()
    found = {}
    numbers = matrix.nnz if sparse.issparse(matrix) else matrix.size
    at_once = max(1, min(_ROWS_AT_ONCE // max(1, len(y)), _NUMBERS_AT_ONCE // max(1, numbers)))
    names = list(places)
    for first in range(0, len(names), at_once):
        batch = names[first : first + at_once]
        copies = [_shuffled(matrix, places[name], _order(name, len(y), seed)) for name in batch]
        predictions = fitted.predict_matrix(_stacked(copies))
        for name, predicted in zip(batch, np.split(predictions, len(batch)), strict=True):
            after = score(y, predicted)
            found[name] = 0.0 if after is None else base - after
    return found


def _order(name: str, rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, zlib.crc32(name.encode())]).permutation(rows)


def _shuffled(matrix: Any, columns: np.ndarray, order: np.ndarray) -> Any:
    """Copies the matrix with some of its columns in another row order."""
    if not sparse.issparse(matrix):
        copy = matrix.copy()
        copy[:, columns] = matrix[np.ix_(order, columns)]
        return copy
    is_moved = np.zeros(matrix.shape[1])
    is_moved[columns] = 1.0
    # Products with 0 and 1 are exact, and the two parts don't overlap.
    return matrix @ sparse.diags_array(1.0 - is_moved) + (matrix @ sparse.diags_array(is_moved))[order]


def _stacked(copies: list[Any]) -> Any:
    return sparse.vstack(copies, format="csr") if sparse.issparse(copies[0]) else np.concatenate(copies)


def _column_weights(estimator: Any, matrix: Any) -> np.ndarray | None:
    """Non-negative weight (features,) of each column of the feature matrix; None if the estimator has none.

    A coefficient is multiplied by its column's standard deviation; otherwise it would grow when a unit becomes coarser.
    """
    inner = inner_estimator(estimator)
    importances = getattr(inner, "feature_importances_", None)
    if importances is not None:
        return np.nan_to_num(np.asarray(importances, dtype=np.float64))
    coefficients = getattr(inner, "coef_", None)
    if coefficients is None:
        return None
    mean = np.asarray(matrix.mean(axis=0)).ravel()
    square = matrix.multiply(matrix) if hasattr(matrix, "multiply") else np.square(matrix)
    deviation = np.sqrt(np.maximum(np.asarray(square.mean(axis=0)).ravel() - mean**2, 0.0))
    return np.asarray(np.abs(np.asarray(coefficients, dtype=np.float64)).reshape(-1, len(mean)).sum(axis=0) * deviation)


def builtin_importances(fitted: FittedFold, matrix: Any) -> dict[str, float] | None:
    """The estimator's own importances, summed over the matrix columns of each input column; None if it has none.

    `matrix` is the feature matrix of the training rows.
    """
    weights = _column_weights(fitted.model, matrix)
    if weights is None:
        return None
    return {name: float(weights[columns].sum()) for name, columns in fitted.matrix_columns().items()}
