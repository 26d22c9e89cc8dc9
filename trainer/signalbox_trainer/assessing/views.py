"""The rows of a view, read and typed once for all tasks that ask for the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd

from signalbox_trainer.assessing.folds import Fold, FoldRows, make_folds
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.rules import SCHEMA_MISMATCH, check_features
from signalbox_trainer.specs.assess import ViewSpec
from signalbox_trainer.specs.schemas import Column
from signalbox_trainer.tables.labels import class_text, classes_of, numbers_of, texts_of
from signalbox_trainer.tables.parquet import read_table
from signalbox_trainer.tables.row_texts import column_texts, contract_type, found_column, joined_texts
from signalbox_transformers.columns import ContractColumns, typed_column

# A worker serves one view after the other: more would only fill the memory.
MAX_VIEWS = 3
# The segments of a target are all taken from one file; the pooled view may want a column less of it.
MAX_FRAMES = 2

T = TypeVar("T")
Read = Callable[[Path, list[str]], pd.DataFrame]


@dataclass(frozen=True)
class View:
    """Columns in the dtypes of the contract and what goes with each row.

    `y` (rows,) is the target, 1 and 0 for the positive class and the other; `source_rows` are positions in the pooled
    file. `groups` is None without group columns. `folds` are those of `spec`, in order, unusable ones too.
    """

    table: pd.DataFrame
    y: np.ndarray
    source_rows: np.ndarray
    rows: FoldRows
    folds: list[Fold]


def _wanted(spec: ViewSpec) -> list[str]:
    folds = spec.folds
    names = [*spec.feature.columns(), spec.target, *folds.group, *folds.key, *folds.strata]
    names += [folds.time] if folds.time is not None else []
    names += [spec.segment[0]] if spec.segment is not None else []
    return list(dict.fromkeys(names))


def _target(spec: ViewSpec, frame: pd.DataFrame) -> np.ndarray:
    values = found_column(frame, spec.target)
    kind = contract_type(spec.target, values, spec.contract)
    if spec.task == "regression":
        return numbers_of(values, kind, spec.target)
    classes = classes_of(values, kind, spec.target)
    distinct = np.unique(classes)
    if len(distinct) > 2:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"A binary target has two classes; {spec.target!r} has {len(distinct)}.",
            hint="Set `task: regression` for this target, or give an expression with two values.",
            details={"column": spec.target, "classes": [class_text(value) for value in distinct[:10]]},
        )
    positive = class_text(distinct[-1] if spec.positive_class is None else spec.positive_class)
    return np.asarray(texts_of(classes) == positive).astype(np.int64)


def _times(spec: ViewSpec, frame: pd.DataFrame) -> np.ndarray | None:
    if spec.folds.time is None:
        return None
    typed = pd.Series(np.asarray(typed_column(found_column(frame, spec.folds.time), "timestamp")))
    return typed.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _rows(spec: ViewSpec, frame: pd.DataFrame) -> FoldRows:
    folds = spec.folds
    return FoldRows(
        keys=joined_texts(frame, folds.key, spec.contract),
        groups=joined_texts(frame, folds.group, spec.contract) if folds.group else None,
        times=_times(spec, frame),
        strata=joined_texts(frame, folds.strata, spec.contract) if folds.strata else None,
    )


def _typed(spec: ViewSpec, frame: pd.DataFrame) -> pd.DataFrame:
    names = spec.feature.columns()
    contract: dict[str, Column] = spec.contract
    try:
        return ContractColumns(names, [contract[name].type for name in names]).transform(frame)
    except ValueError as error:
        raise TrainerError(
            SCHEMA_MISMATCH, f"The view: {error}", hint="Correct the column's type in the data contract."
        ) from error


def read_view(spec: ViewSpec, read: Read = read_table) -> View:
    """Raises training/schema-mismatch, splits/leakage, splits/empty-side, files/not-found or files/io."""
    check_features(spec.feature, spec.contract, spec.target)
    frame = read(spec.path, _wanted(spec))
    source_rows = np.arange(len(frame))
    if spec.segment is not None:
        column, value = spec.segment
        source_rows = np.flatnonzero(column_texts(frame, column, spec.contract) == value)
        frame = frame.iloc[source_rows].reset_index(drop=True)
    if frame.empty:
        raise TrainerError("splits/empty-side", "The view has no rows.", hint="Check the segment and the split.")
    rows = _rows(spec, frame)
    return View(_typed(spec, frame), _target(spec, frame), source_rows, rows, make_folds(rows, spec.folds))


class ViewCache:
    """The views last asked for, and the frames they were taken from; a file that was replaced is read anew."""

    def __init__(self, size: int = MAX_VIEWS) -> None:
        self._views: _Recent[View] = _Recent(size)
        self._frames: _Recent[pd.DataFrame] = _Recent(MAX_FRAMES)

    def get(self, spec: ViewSpec) -> View:
        """Raises as `read_view` does."""
        try:
            stat = spec.path.stat()
        except OSError as error:
            raise TrainerError("files/not-found", f"The table {spec.path.name} is missing.") from error
        version = (stat.st_mtime_ns, stat.st_size)

        def read(path: Path, columns: list[str]) -> pd.DataFrame:
            return self._frames.get((str(path), *version, *columns), lambda: read_table(path, columns))

        return self._views.get((spec.identity, *version), lambda: read_view(spec, read))


class _Recent(Generic[T]):
    """The last few values by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[tuple[Any, ...], T] = OrderedDict()

    def get(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        while len(self._values) >= self._size:
            self._values.popitem(last=False)
        self._values[key] = make()
        return self._values[key]
