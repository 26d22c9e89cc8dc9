"""The rows of a view, read and typed once for all tasks that use them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd

from signalbox_trainer.assessing.folds import Fold, FoldRows, make_folds
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.blocks import feature_columns
from signalbox_trainer.features.rules import SCHEMA_MISMATCH, check_features
from signalbox_trainer.specs.tasks import AssessTask
from signalbox_trainer.tables.labels import class_text, classes_of, numbers_of, texts_of
from signalbox_trainer.tables.parquet import read_table
from signalbox_trainer.tables.row_texts import column_texts, contract_type, found_column, joined_texts
from signalbox_transformers.columns import ContractColumns, typed_column

# A worker processes one view after the other: more would only fill the memory.
MAX_VIEWS = 3
# All segments of a target come from one file; the pooled view may need one column less.
MAX_FRAMES = 2

T = TypeVar("T")
Read = Callable[[Path, list[str]], pd.DataFrame]


@dataclass(frozen=True)
class View:
    """Columns in the dtypes of the contract, and further values of each row.

    `y` (rows,) is the target, 1 for the positive class and 0 for the other; `source_rows` are positions in the pooled
    file. `groups` is None without group columns. `folds` are those of the task, in order, including unusable ones.
    """

    table: pd.DataFrame
    y: np.ndarray
    source_rows: np.ndarray
    rows: FoldRows
    folds: list[Fold]


def _wanted(task: AssessTask) -> list[str]:
    folds, segment = task.folds, task.view.segment
    names = [*feature_columns(task.feature), task.view.target, *folds.group, *folds.key, *folds.strata]
    names += [folds.time] if folds.time is not None else []
    names += [segment.column] if segment is not None else []
    return list(dict.fromkeys(names))


def _target(task: AssessTask, frame: pd.DataFrame) -> np.ndarray:
    spec = task.view
    values = found_column(frame, spec.target)
    kind = contract_type(spec.target, values, task.contract.columns)
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


def _times(task: AssessTask, frame: pd.DataFrame) -> np.ndarray | None:
    if task.folds.time is None:
        return None
    values = found_column(frame, task.folds.time)
    if contract_type(task.folds.time, values, task.contract.columns) == "int":
        return _year_starts(values)
    typed = pd.Series(np.asarray(typed_column(values, "timestamp")))
    return typed.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _year_starts(values: pd.Series) -> np.ndarray:
    """The first moments (rows,) of whole years, as the split reads them: microseconds since 1970, NaT's for a null."""
    years = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    starts = np.full(len(years), "NaT", dtype="datetime64[us]")
    known = ~np.isnan(years)
    starts[known] = (years[known].astype(np.int64) - 1970).astype("datetime64[Y]")
    return starts.astype(np.int64)


def _rows(task: AssessTask, frame: pd.DataFrame) -> FoldRows:
    folds, columns = task.folds, task.contract.columns
    return FoldRows(
        keys=joined_texts(frame, folds.key, columns),
        groups=joined_texts(frame, folds.group, columns) if folds.group else None,
        times=_times(task, frame),
        strata=joined_texts(frame, folds.strata, columns) if folds.strata else None,
    )


def _typed(task: AssessTask, frame: pd.DataFrame) -> pd.DataFrame:
    names = feature_columns(task.feature)
    try:
        return ContractColumns(names, [task.contract.columns[name].type for name in names]).transform(frame)
    except ValueError as error:
        raise TrainerError(
            SCHEMA_MISMATCH, f"The view: {error}", hint="Correct the column's type in the data contract."
        ) from error


def read_view(task: AssessTask, read: Read = read_table) -> View:
    """Raises training/schema-mismatch, splits/leakage, splits/empty-side, files/not-found or files/io."""
    columns, segment = task.contract.columns, task.view.segment
    check_features(task.feature, columns, task.view.target)
    frame = read(task.view.path, _wanted(task))
    source_rows = np.arange(len(frame))
    if segment is not None:
        source_rows = np.flatnonzero(column_texts(frame, segment.column, columns) == segment.value)
        frame = frame.iloc[source_rows].reset_index(drop=True)
    if frame.empty:
        raise TrainerError("splits/empty-side", "The view has no rows.", hint="Check the segment and the split.")
    rows = _rows(task, frame)
    return View(_typed(task, frame), _target(task, frame), source_rows, rows, make_folds(rows, task.folds))


def _identity(task: AssessTask) -> str:
    """A key that is equal for tasks on equal views, features and folds."""
    parts = [asdict(part) for part in (task.view, task.contract, task.feature, task.folds)]
    return json.dumps(parts, sort_keys=True, default=str)


class ViewCache:
    """Caches the last views and the frames they come from; a replaced file is read again."""

    def __init__(self, size: int = MAX_VIEWS) -> None:
        self._views: _Recent[View] = _Recent(size)
        self._frames: _Recent[pd.DataFrame] = _Recent(MAX_FRAMES)

    def get(self, task: AssessTask) -> View:
        """Raises as `read_view` does."""
        table = task.view.path
        try:
            stat = table.stat()
        except OSError as error:
            raise TrainerError("files/not-found", f"The table {table.name} is missing.") from error
        version = (stat.st_mtime_ns, stat.st_size)

        def read(path: Path, columns: list[str]) -> pd.DataFrame:
            return self._frames.get((str(path), *version, *columns), lambda: read_table(path, columns))

        return self._views.get((_identity(task), *version), lambda: read_view(task, read))


class _Recent(Generic[T]):
    """Caches the last few values by key."""

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
