"""Calendar parts of timestamps as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from signalbox_transformers.columns import typed_column

_PERIODS = {"month": 12.0, "day": 31.0, "hour": 24.0, "minute": 60.0, "weekday": 7.0, "day_of_year": 366.0}
_FIRST = {"month": 1.0, "day": 1.0, "day_of_year": 1.0}
_MICROSECONDS_PER_DAY = 86_400_000_000


def _part(times: pd.Series, part: str) -> np.ndarray:
    if part == "epoch_days":
        days = times.to_numpy(dtype="datetime64[us]").astype(np.int64) / _MICROSECONDS_PER_DAY
        return np.where(times.isna(), np.nan, days)
    if part == "is_weekend":
        return np.where(times.isna(), np.nan, times.dt.weekday >= 5).astype(np.float64)
    values: pd.Series = getattr(times.dt, part if part != "day_of_year" else "dayofyear")
    return values.to_numpy(dtype=np.float64)


class DatetimeParts(TransformerMixin, BaseEstimator):
    """UTC timestamps → calendar parts as numbers, in the order of `parts` per column; weekday 0 is Monday.

    With `cyclic`, each periodic part is followed by sin and cos of 2π·(part − first) / period, where the period of
    day is 31, of day_of_year 366. `fill` is None, "most_frequent" or ["constant", ISO 8601 text].
    """

    def __init__(self, parts: Sequence[str], cyclic: bool = False, fill: Any = None) -> None:
        self.parts = parts
        self.cyclic = cyclic
        self.fill = fill

    def fit(self, X: pd.DataFrame, y: Any = None) -> DatetimeParts:
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.fills_: list[str] | None = None
        if self.fill == "most_frequent":
            modes = [X.iloc[:, i].mode(dropna=True) for i in range(X.shape[1])]
            self.fills_ = [mode.iloc[0].isoformat() if len(mode) else "1970-01-01T00:00:00" for mode in modes]
        elif self.fill is not None:
            moment = typed_column(pd.Series([self.fill[1]]), "timestamp").iloc[0]
            self.fills_ = [moment.isoformat()] * X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        out: list[np.ndarray] = []
        for i in range(X.shape[1]):
            times = X.iloc[:, i]
            if self.fills_ is not None:
                times = times.fillna(pd.Timestamp(self.fills_[i]))
            for part in self.parts:
                values = _part(times, part)
                out.append(values)
                if self.cyclic and part in _PERIODS:
                    angle = (values - _FIRST.get(part, 0.0)) * (2.0 * np.pi / _PERIODS[part])
                    out.extend([np.sin(angle), np.cos(angle)])
        return np.column_stack(out)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        names: list[str] = []
        for column in self.feature_names_in_:
            for part in self.parts:
                names.append(f"{column}_{part}")
                if self.cyclic and part in _PERIODS:
                    names.extend([f"{column}_{part}_sin", f"{column}_{part}_cos"])
        return np.asarray(names, dtype=object)
