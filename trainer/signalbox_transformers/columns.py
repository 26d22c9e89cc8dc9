"""Columns in the dtypes of the data contract.

A contract type decides the dtype of a column, never the file it came from:

=============  ==============================================  =====================
contract type  dtype after `typed_column`                      null
=============  ==============================================  =====================
int            int64 without nulls, else float64               NaN
float, bool    float64 (bool as 0 and 1)                       NaN
string, file   object of `str`                                 None
timestamp      datetime64[us], UTC without a zone              NaT
=============  ==============================================  =====================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

_TRUE_TEXT = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}


def _numbers(values: pd.Series) -> np.ndarray:
    if values.dtype.kind in "iufb" and isinstance(values.dtype, np.dtype):
        return values.to_numpy(dtype=np.float64)
    numeric = pd.to_numeric(values, errors="raise")
    return numeric.to_numpy(dtype=np.float64, na_value=np.nan)


def _integers(values: pd.Series) -> np.ndarray:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub":
        return values.to_numpy(dtype=np.int64)
    numeric = pd.to_numeric(values, errors="raise")
    if numeric.isna().any() or (isinstance(numeric.dtype, np.dtype) and numeric.dtype.kind == "f"):
        return numeric.to_numpy(dtype=np.float64, na_value=np.nan)
    return numeric.to_numpy(dtype=np.int64)


def _booleans(values: pd.Series) -> np.ndarray:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iufb":
        return values.to_numpy(dtype=np.float64)
    codes, distinct = pd.factorize(values)
    known = [_TRUE_TEXT[str(value).strip().lower()] for value in distinct]
    return np.asarray([*known, np.nan], dtype=np.float64)[codes]


def _texts(values: pd.Series) -> np.ndarray:
    codes, distinct = pd.factorize(values)
    known = np.empty(len(distinct) + 1, dtype=object)
    known[:-1] = [value if isinstance(value, str) else str(value) for value in distinct]
    known[-1] = None
    return known[codes]


def _times(values: pd.Series) -> pd.Series:
    parsed = values if values.dtype.kind == "M" else pd.to_datetime(values, utc=True, format="ISO8601")
    if parsed.dt.tz is not None:
        parsed = parsed.dt.tz_convert("UTC").dt.tz_localize(None)
    return parsed.astype("datetime64[us]")


_CASTS = {
    "int": _integers,
    "float": _numbers,
    "bool": _booleans,
    "string": _texts,
    "file": _texts,
    "timestamp": _times,
}


def typed_column(values: pd.Series, contract_type: str) -> Any:
    """The column in the dtype of its contract type. Raises ValueError or KeyError on values that don't fit."""
    return _CASTS[contract_type](values)


def _nested(frame: pd.DataFrame, name: str) -> pd.Series | None:
    parts = name.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        root = ".".join(parts[:depth])
        if root in frame.columns:
            found = frame[root]
            for part in parts[depth:]:
                key = part
                found = found.map(lambda value, key=key: value.get(key) if isinstance(value, dict) else None)
            return found
    return None


def column_of(frame: pd.DataFrame, name: str) -> pd.Series | None:
    """A column by its name, or by a dotted path into a column of structs; None where there is neither."""
    return frame[name] if name in frame.columns else _nested(frame, name)


class ContractColumns(TransformerMixin, BaseEstimator):
    """Raw table → the feature columns, in a fixed order and the dtypes of the data contract; other columns are dropped.

    `names` and `types` have equal length. Raises ValueError naming what is missing or doesn't fit.
    """

    def __init__(self, names: Sequence[str], types: Sequence[str]) -> None:
        self.names = names
        self.types = types

    def fit(self, X: pd.DataFrame, y: Any = None) -> ContractColumns:
        self.n_columns_ = len(self.names)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        found = {name: column_of(X, name) for name in self.names}
        missing = [name for name, values in found.items() if values is None]
        if missing:
            raise ValueError(f"columns missing from the table: {', '.join(missing)}")
        typed: dict[str, Any] = {}
        for (name, values), contract_type in zip(found.items(), self.types, strict=True):
            if values is None:
                continue
            try:
                typed[name] = np.asarray(typed_column(values, contract_type))
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                raise ValueError(f"column {name!r} doesn't hold values of type {contract_type}: {error}") from error
        return pd.DataFrame(typed, index=X.index, copy=False)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        return np.asarray(self.names, dtype=object)


class Clip(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Numbers limited to [minimum, maximum], both inclusive, in the column's unit; None is no limit."""

    def __init__(self, minimum: float | None = None, maximum: float | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def fit(self, X: Any, y: Any = None) -> Clip:
        self.n_features_in_ = X.shape[1]
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def transform(self, X: Any) -> np.ndarray:
        return np.clip(np.asarray(X, dtype=np.float64), self.minimum, self.maximum)
