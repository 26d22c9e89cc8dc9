"""Text columns as what a vectoriser takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class TextColumn(TransformerMixin, BaseEstimator):
    """One typed text column → a list of texts (rows,), nulls as `fill`; what a vectoriser takes."""

    def __init__(self, fill: str = "") -> None:
        self.fill = fill

    def fit(self, X: pd.Series, y: Any = None) -> TextColumn:
        self.is_fitted_ = True
        return self

    def transform(self, X: pd.Series) -> list[str]:
        return [value if isinstance(value, str) else self.fill for value in X]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        return np.asarray(input_features if input_features is not None else ["text"], dtype=object)
