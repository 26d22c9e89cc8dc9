"""Categories as text, and the encodings of them that scikit-learn doesn't have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin


def category_text(value: Any, contract_type: str) -> str:
    """One category as text, equal for equal values of a contract type: 3 and 3.0 of an int column are both "3"."""
    if contract_type == "bool":
        return "true" if float(value) else "false"
    if contract_type == "int":
        return str(int(value))
    if contract_type == "float":
        return repr(float(value))
    return str(value)


class Categories(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Typed columns → object array (rows, columns) of category texts; a null is NaN, or filled.

    `fill` is None, "most_frequent" (ties: the smallest text; "" where every row is null) or ["constant", value].
    """

    def __init__(self, types: Sequence[str], fill: Any = None) -> None:
        self.types = types
        self.fill = fill

    def _texts(self, values: pd.Series, contract_type: str) -> tuple[np.ndarray, np.ndarray]:
        codes, distinct = pd.factorize(values)
        return codes, np.asarray([category_text(value, contract_type) for value in distinct], dtype=object)

    def fit(self, X: pd.DataFrame, y: Any = None) -> Categories:
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.fills_: list[str] | None = None
        if self.fill == "most_frequent":
            self.fills_ = [self._most_frequent(X.iloc[:, i], kind) for i, kind in enumerate(self.types)]
        elif self.fill is not None:
            value = self.fill[1]
            self.fills_ = [value if isinstance(value, str) else category_text(value, kind) for kind in self.types]
        return self

    def _most_frequent(self, values: pd.Series, contract_type: str) -> str:
        codes, texts = self._texts(values, contract_type)
        if len(texts) == 0:
            return ""
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        return str(min(texts[counts == counts.max()]))

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        out = np.empty(X.shape, dtype=object)
        for i, kind in enumerate(self.types):
            codes, texts = self._texts(X.iloc[:, i], kind)
            known = np.empty(len(texts) + 1, dtype=object)
            known[:-1] = texts
            known[-1] = np.nan if self.fills_ is None else self.fills_[i]
            out[:, i] = known[codes]
        return out


class BinaryDigits(TransformerMixin, BaseEstimator):
    """Category texts → the binary digits of each category's number, highest digit first.

    Categories are numbered from 1 in text order; 0 (all digits 0) is an unknown category or a null.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> BinaryDigits:
        self.n_features_in_ = X.shape[1]
        self.categories_ = [
            np.asarray(sorted({value for value in column if isinstance(value, str)}), dtype=object) for column in X.T
        ]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        blocks = []
        for column, categories in zip(X.T, self.categories_, strict=True):
            number = pd.Index(categories).get_indexer(pd.Index(column)) + 1
            digits = max(1, len(categories).bit_length())
            shifts = np.arange(digits - 1, -1, -1)
            blocks.append((number[:, None] >> shifts[None, :]) & 1)
        return np.concatenate(blocks, axis=1).astype(np.float64)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        names = input_features if input_features is not None else [f"x{i}" for i in range(self.n_features_in_)]
        widths = [max(1, len(categories).bit_length()) for categories in self.categories_]
        return np.asarray(
            [f"{name}_bit{i}" for name, width in zip(names, widths, strict=True) for i in range(width)], dtype=object
        )


class OrdinalRanks(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Category texts → their rank from 0; −1 is an unknown category or a null.

    `orders` holds per column the texts from lowest to highest, or None: numeric order for int and float columns, text
    order for others.
    """

    def __init__(self, types: Sequence[str], orders: Sequence[Any]) -> None:
        self.types = types
        self.orders = orders

    def fit(self, X: np.ndarray, y: Any = None) -> OrdinalRanks:
        self.n_features_in_ = X.shape[1]
        self.categories_ = []
        for column, kind, order in zip(X.T, self.types, self.orders, strict=True):
            found = {value for value in column if isinstance(value, str)} if order is None else set()
            ranked = sorted(found, key=float) if kind in ("int", "float") else sorted(found)
            self.categories_.append(np.asarray(ranked if order is None else order, dtype=object))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        ranks = [
            pd.Index(known).get_indexer(pd.Index(column)) for column, known in zip(X.T, self.categories_, strict=True)
        ]
        return np.column_stack(ranks).astype(np.float64)
