"""How much each input column of the feature schema matters to a fitted pipeline, whatever its encoding makes of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.estimators import inner_estimator
from signalbox_trainer.schemas import FeatureSchema

Score = Callable[[np.ndarray, np.ndarray], float | None]
Predict = Callable[[pd.DataFrame], np.ndarray]


# Most of a prediction on few rows is overhead: the copies that differ in one shuffled column are predicted together.
_ROWS_AT_ONCE = 100_000


def _sample(rows: int, seed: int, max_rows: int) -> np.ndarray:
    if rows <= max_rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, max_rows, replace=False))


def permutation_importances(
    predict: Predict, rows: tuple[pd.DataFrame, np.ndarray], score: Score, *, seed: int, max_rows: int
) -> dict[str, float] | None:
    """Drop of the score per column of the table when its values are shuffled (Breiman 2001); None where undefined.

    On at most `max_rows` of the rows, drawn by `seed`. A column's shuffle depends on its name and not on its place, so
    the same column is shuffled the same way whatever other features there are.
    """
    table, y = rows
    chosen = _sample(len(table), seed, max_rows)
    table, y = table.iloc[chosen].reset_index(drop=True), y[chosen]
    base = score(y, predict(table))
    if base is None:
        return None
    found = {}
    names = list(table.columns)
    at_once = max(1, _ROWS_AT_ONCE // max(1, len(table)))
    for first in range(0, len(names), at_once):
        batch = names[first : first + at_once]
        predictions = predict(pd.concat([_shuffled(table, name, seed) for name in batch], ignore_index=True))
        for name, predicted in zip(batch, np.split(predictions, len(batch)), strict=True):
            after = score(y, predicted)
            found[str(name)] = 0.0 if after is None else base - after
    return found


def _shuffled(table: pd.DataFrame, name: str, seed: int) -> pd.DataFrame:
    order = np.random.default_rng([seed, zlib.crc32(str(name).encode())]).permutation(len(table))
    return table.assign(**{name: table[name].to_numpy()[order]})


def _column_weights(estimator: Any, matrix: Any) -> np.ndarray | None:
    """Non-negative weight (features,) of each column of the feature matrix; None where the estimator has none.

    A coefficient is multiplied by its column's standard deviation, or it would grow when a unit becomes coarser.
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


def builtin_importances(pipeline: Any, feature: FeatureSchema, table: pd.DataFrame) -> dict[str, float] | None:
    """The estimator's own importances, summed over what became of each input column; None where it has none.

    `feature` has one block per column, in the order the pipeline's preprocessor was built from.
    """
    preprocessor = pipeline.named_steps["preprocessor"]
    weights = _column_weights(pipeline.named_steps["model"], preprocessor.transform(table))
    if weights is None:
        return None
    slices = preprocessor.named_steps["features"].output_indices_
    places = [places for name, places in slices.items() if name != "remainder"]
    found: dict[str, float] = {}
    for block, place in zip(feature.blocks(), places, strict=True):
        found[block.columns[0]] = found.get(block.columns[0], 0.0) + float(weights[place].sum())
    return found
