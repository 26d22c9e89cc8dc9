"""Reads Parquet tables: only the required columns, and as a stock client's pandas would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from signalbox_trainer.errors import TrainerError, nearest
from signalbox_trainer.features.rules import SCHEMA_MISMATCH

UNREADABLE = "files/io"


def open_parquet(path: Path) -> Any:
    """Raises files/not-found or files/io if the file is missing or incomplete."""
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError as error:
        raise TrainerError("files/not-found", f"The table {path.name} is missing.") from error
    except (OSError, pa.ArrowException) as error:
        raise TrainerError(
            UNREADABLE,
            f"The table {path.name} isn't readable as Parquet: {error}",
            next_steps=[
                {"operation": "runs.stage", "input": {"name": "split"}, "asks": ["run"], "why": "makes it again"}
            ],
        ) from error


def root_columns(available: list[str], wanted: list[str], where: str) -> list[str]:
    """The top-level columns of `wanted` (a dotted path is within a struct), in order, each once."""
    roots: list[str] = []
    missing: list[str] = []
    for name in wanted:
        prefixes = [name, *(".".join(name.split(".")[:n]) for n in range(name.count("."), 0, -1))]
        found = next((prefix for prefix in prefixes if prefix in available), None)
        if found is None:
            missing.append(name)
        else:
            roots.append(found)
    if missing:
        near = nearest(missing[0], available)
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"Columns missing from {where}: {', '.join(missing)}.",
            hint=f"The table has {near!r}." if near else "Correct the feature schema or the data contract.",
            details={"columns": missing},
        )
    return list(dict.fromkeys(roots))


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """Reads the whole table, with the given top-level columns."""
    file = open_parquet(path)
    roots = root_columns(file.schema_arrow.names, columns, path.name)
    try:
        table: pd.DataFrame = file.read(columns=roots).to_pandas()
        return table
    except (OSError, pa.ArrowException) as error:
        raise TrainerError(UNREADABLE, f"The table {path.name} can't be read to its end: {error}") from error


def read_chunks(path: Path, columns: list[str], rows: int) -> Iterator[pd.DataFrame]:
    """Reads the table in order, at most `rows` rows at a time."""
    file = open_parquet(path)
    roots = root_columns(file.schema_arrow.names, columns, path.name)
    try:
        for batch in file.iter_batches(batch_size=rows, columns=roots):
            yield batch.to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise TrainerError(UNREADABLE, f"The table {path.name} can't be read to its end: {error}") from error
