"""Targets: converts a raw column for an estimator, and classes to strings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.rules import SCHEMA_MISMATCH
from signalbox_trainer.specs.schemas import Task
from signalbox_transformers.columns import typed_column


def class_text(value: Any) -> str:
    """A class as a string: true/false, integers (also 1.0) in decimal, other floats in shortest form."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def _no_nulls(values: pd.Series, target: str) -> None:
    nulls = int(values.isna().sum())
    if nulls:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The target {target!r} is null or NaN in {nulls} of {len(values)} rows.",
            hint="Exclude these rows in the data contract (`exclude`).",
            details={"column": target, "rows": nulls},
        )


def _cast(values: pd.Series, contract_type: str, target: str) -> np.ndarray:
    try:
        return np.asarray(typed_column(values, contract_type))
    except (ValueError, TypeError, KeyError) as error:
        raise TrainerError(
            SCHEMA_MISMATCH, f"The target {target!r} has values that aren't of type {contract_type}: {error}"
        ) from error


def numbers_of(values: pd.Series, contract_type: str, target: str) -> np.ndarray:
    """A regression target as float64 (rows,). Raises training/schema-mismatch on a null, NaN, infinity or string."""
    _no_nulls(values, target)
    if contract_type not in ("int", "float", "bool"):
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"A regression needs a number as its target; {target!r} has type {contract_type}.",
            hint="Set `task` to binary or multiclass in signalbox.yaml, or choose another target.",
        )
    numbers = _cast(values, contract_type, target).astype(np.float64)
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The target {target!r} is infinite in {infinite} of {len(numbers)} rows.",
            hint="Exclude these rows in the data contract (`exclude`).",
            details={"column": target, "rows": infinite},
        )
    return numbers


def classes_of(values: pd.Series, contract_type: str, target: str) -> np.ndarray:
    """A classification target (rows,): int64, bool, float64 or string. Raises training/schema-mismatch on a null."""
    _no_nulls(values, target)
    cast = _cast(values, contract_type, target)
    if contract_type == "bool":
        return cast.astype(bool)
    return cast.astype(str) if cast.dtype == object else cast


def texts_of(classes: np.ndarray) -> np.ndarray:
    """Class values (rows,) as an object array of strings."""
    distinct, codes = np.unique(classes, return_inverse=True)
    texts = np.asarray([class_text(value) for value in distinct], dtype=object)
    return np.asarray(texts[codes], dtype=object)


def training_target(values: pd.Series, contract_type: str, *, target: str, task: Task) -> np.ndarray:
    """The target to fit on (rows,). Raises training/schema-mismatch if it is constant or has too many classes."""
    y = numbers_of(values, contract_type, target) if task == "regression" else classes_of(values, contract_type, target)
    distinct = np.unique(y)
    if len(distinct) < 2:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The target {target!r} is constant in the train set ({class_text(distinct[0])}).",
            hint="Check the exclusions of the data contract and the split.",
            details={"column": target},
        )
    if task == "binary" and len(distinct) > 2:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"A binary target has two classes; {target!r} has {len(distinct)} in the train set.",
            hint="Set `task: multiclass` (or regression) in signalbox.yaml.",
            details={"column": target, "classes": [class_text(value) for value in distinct[:10]]},
        )
    return y


def positive_index(classes: np.ndarray, positive_class: Any) -> int:
    """Index of the positive class among a binary model's two; the larger if none is named."""
    if positive_class is None:
        return 1
    texts = [class_text(value) for value in classes]
    wanted = class_text(positive_class)
    if wanted not in texts:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The positive class {wanted!r} isn't one of the target's classes {', '.join(texts)}.",
            hint="Correct `positive_class` in signalbox.yaml.",
        )
    return texts.index(wanted)
