"""Columns as the strings by which keys, groups and segments are compared; the split stage hashes the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.rules import SCHEMA_MISMATCH
from signalbox_trainer.specs.schemas import Column
from signalbox_transformers.categories import category_text
from signalbox_transformers.columns import column_of, typed_column

# Joins the parts of a key. No part may contain it, so different keys never give the same string.
SEPARATOR = "\u001f"
_TYPE_OF_KIND = {"b": "bool", "i": "int", "u": "int", "f": "float", "M": "timestamp"}


def contract_type(name: str, values: pd.Series, contract: Mapping[str, Column]) -> str:
    """The type in the data contract, or the file's type for a column that isn't in it (a computed target)."""
    return contract[name].type if name in contract else _TYPE_OF_KIND.get(values.dtype.kind, "string")


def found_column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Raises training/schema-mismatch if the table has no such column."""
    found = column_of(frame, name)
    if found is None:
        raise TrainerError(
            SCHEMA_MISMATCH, f"The table has no column {name!r}.", hint="Make a new split, then assess again."
        )
    return found


def _text(value: object, kind: str) -> str:
    if kind == "timestamp":
        return pd.Timestamp(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # type: ignore[arg-type]
    return category_text(value, kind)


def column_texts(frame: pd.DataFrame, name: str, contract: Mapping[str, Column]) -> np.ndarray:
    """Object array (rows,) of strings, None for a null."""
    values = found_column(frame, name)
    kind = contract_type(name, values, contract)
    codes, distinct = pd.factorize(pd.Series(np.asarray(typed_column(values, kind))))
    known = np.empty(len(distinct) + 1, dtype=object)
    known[:-1] = [_text(value, kind) for value in distinct]
    known[-1] = None
    return known[codes]


def joined_texts(frame: pd.DataFrame, names: Sequence[str], contract: Mapping[str, Column]) -> np.ndarray:
    """Object array (rows,): the columns' strings joined by U+001F, a null as the empty string."""
    columns = [column_texts(frame, name, contract) for name in names]
    joined = np.empty(len(frame), dtype=object)
    joined[:] = [SEPARATOR.join("" if part is None else part for part in parts) for parts in zip(*columns, strict=True)]
    return joined
