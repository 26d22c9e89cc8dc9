"""Fits a family on some rows of a view and predicts others, as training would."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.matrix_columns import matrix_columns
from signalbox_trainer.features.preprocessing import build_preprocessor
from signalbox_trainer.fitting.memory import available_bytes, check_dense_size
from signalbox_trainer.models.estimators import build_estimator, find_type, inner_estimator, settle_early_stopping
from signalbox_trainer.models.model_definition import ModelDefinition
from signalbox_trainer.specs.schemas import Column, FeatureSchema
from signalbox_trainer.specs.tasks import AssessedTask, Family
from signalbox_trainer.tables.train_set import check_values


@dataclass(frozen=True)
class Fitting:
    """The settings that all fits of a task share."""

    task: AssessedTask
    contract: dict[str, Column]
    family: Family
    threads: int
    project_dir: Path


@dataclass(frozen=True)
class FittedFold:
    """A fitted preprocessor and its model, kept apart so that one matrix serves both scores and importances."""

    preprocessor: Any
    model: Any
    feature: FeatureSchema
    task: AssessedTask
    seconds: float

    def matrix(self, table: pd.DataFrame) -> Any:
        """The feature matrix (rows, features) of typed rows, sparse or dense."""
        return self.preprocessor.transform(table)

    def matrix_columns(self) -> dict[str, np.ndarray]:
        """Positions in the matrix by input column."""
        return matrix_columns(self.preprocessor, self.feature)

    def predict_matrix(self, matrix: Any) -> np.ndarray:
        """ŷ (rows,), or the probability of the positive class. Raises training/failed if one isn't finite."""
        if self.task == "binary":
            found = np.asarray(self.model.predict_proba(matrix), dtype=np.float64)[:, -1]
        else:
            found = np.asarray(self.model.predict(matrix), dtype=np.float64)
        if not np.isfinite(found).all():
            raise TrainerError(
                "training/failed",
                "The model's prediction isn't finite in every row.",
                hint="Scale or clip the features; a linear model that diverged predicts infinities.",
            )
        return found


def fit_rows(
    fitting: Fitting, feature: FeatureSchema, rows: tuple[pd.DataFrame, np.ndarray], *, seed: int
) -> FittedFold:
    """`rows` are typed rows of a view and their targets.

    Raises whatever the fit raises; training/invalid-params if a classifier has no probabilities.
    """
    table, y = rows
    check_values(feature, table)
    family = fitting.family
    entry = find_type(family.type)
    if entry.is_dense:
        check_dense_size(feature, table, available_bytes())
    estimator = build_estimator(
        ModelDefinition(family.type, family.params, seed),
        task=fitting.task,
        seed=seed,
        threads=fitting.threads,
        project_dir=fitting.project_dir,
    )
    if fitting.task == "binary" and not hasattr(estimator, "predict_proba"):
        raise TrainerError("training/invalid-params", f"{family.type} has no probabilities, which two classes need.")
    # A view's columns are typed already; the first step would convert them again for every fit.
    preprocessor = build_preprocessor(
        feature, fitting.contract, fitting.task, seed=seed, is_dense=entry.is_dense
    ).named_steps["features"]
    settle_early_stopping(estimator, y)
    started = time.perf_counter()
    estimator.fit(preprocessor.fit_transform(table, y), y)
    seconds = time.perf_counter() - started
    if entry.threads_param is not None:
        inner_estimator(estimator).set_params(**{entry.threads_param: 1})
    return FittedFold(preprocessor, estimator, feature, fitting.task, seconds)
