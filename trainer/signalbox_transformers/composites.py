"""Models made of fitted models: one that predicts with another's prediction beside its columns, and a weighted mean.

Both take the raw table, pick each part's columns from it, and are saved and loaded as the parts are. They have no
`fit`: the workbench fits the parts, and the weights, on held-out predictions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

STAGE_1_COLUMN = "stage_1_prediction"


def input_columns(model: Any) -> list[str]:
    """The raw columns a saved model reads, of a composite those of all its parts, in order of first appearance."""
    if isinstance(getattr(model, "input_columns", None), list):
        return list(model.input_columns)
    return [str(name) for name in model.named_steps["preprocessor"].named_steps["columns"].names]


def _decides_by_probability(model: Any) -> bool:
    return hasattr(model.parts[-1], "predict_proba")


class _Composite(BaseEstimator):
    """What both have of a scikit-learn estimator; the last part says whether it is a classifier."""

    @property
    def parts(self) -> list[Any]:
        raise NotImplementedError

    @property
    def input_columns(self) -> list[str]:
        names = [name for part in self.parts for name in input_columns(part)]
        return [name for name in dict.fromkeys(names) if name != STAGE_1_COLUMN]

    @property
    def classes_(self) -> Any:
        """Absent (AttributeError) in a regression, as scikit-learn has it."""
        return self.parts[-1].classes_

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        last = get_tags(self.parts[-1])
        tags.estimator_type, tags.classifier_tags, tags.regressor_tags = (
            last.estimator_type,
            last.classifier_tags,
            last.regressor_tags,
        )
        return tags


class StackedModel(_Composite):
    """`second` predicts from the raw columns and `first`'s prediction in the column `stage_1_prediction`.

    That prediction is ŷ in a regression and the probability of class `positive` (an index of `first.classes_`) of a
    binary model.
    """

    def __init__(self, first: Any, second: Any, positive: int = 1) -> None:
        self.first = first
        self.second = second
        self.positive = positive

    @property
    def parts(self) -> list[Any]:
        return [self.first, self.second]

    def _with_stage_1(self, X: pd.DataFrame) -> pd.DataFrame:
        if hasattr(self.first, "predict_proba"):
            found = np.asarray(self.first.predict_proba(X), dtype=np.float64)[:, self.positive]
        else:
            found = np.asarray(self.first.predict(X), dtype=np.float64)
        return X.assign(**{STAGE_1_COLUMN: found})

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.second.predict(self._with_stage_1(X)))

    @available_if(_decides_by_probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.second.predict_proba(self._with_stage_1(X)), dtype=np.float64)


class WeightedEnsemble(_Composite):
    """The weighted mean of the members' ŷ, or of their probabilities class by class.

    `weights` are at least 0 and sum to 1; classifiers have equal `classes_`.
    """

    def __init__(self, members: Sequence[Any], weights: Sequence[float]) -> None:
        self.members = members
        self.weights = weights

    @property
    def parts(self) -> list[Any]:
        return list(self.members)

    def _mean(self, predictions: list[np.ndarray]) -> np.ndarray:
        return np.asarray(sum(w * p for w, p in zip(self.weights, predictions, strict=True)))

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        if _decides_by_probability(self):
            return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])
        return self._mean([np.asarray(member.predict(X), dtype=np.float64) for member in self.members])

    @available_if(_decides_by_probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return self._mean([np.asarray(member.predict_proba(X), dtype=np.float64) for member in self.members])
