"""Memory: how much this process used, and whether a dense feature matrix would fit."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path

import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.blocks import feature_columns
from signalbox_trainer.features.preprocessing import DEFAULT_TEXT_FEATURES
from signalbox_trainer.specs.schemas import FeatureSchema

_BYTES_PER_NUMBER = 8
# The matrix exists twice while its blocks are concatenated.
_COPIES = 2
_GIB = 1 << 30


def peak_memory_bytes() -> int:
    """Largest resident size of this process so far, in bytes; Linux reports KiB, macOS bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def forget_peak_memory() -> None:
    """Resets the peak to the current resident size, where Linux allows it (proc(5), clear_refs)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def available_bytes() -> int | None:
    """Memory that is available without swapping, in bytes; None if the system doesn't report it."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(found.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def dense_width(feature: FeatureSchema, table: pd.DataFrame) -> dict[str, int]:
    """Number of matrix columns by input column, for the blocks that widen."""
    widths = {
        name: int(table[name].nunique())
        for block in feature.categorical
        if block.encode == "onehot" and block.min_frequency is None
        for name in block.columns
        if name in table.columns
    }
    widths.update({block.column: block.max_features or DEFAULT_TEXT_FEATURES for block in feature.text})
    return widths


def check_dense_size(feature: FeatureSchema, table: pd.DataFrame, available: int | None) -> None:
    """Raises training/not-enough-memory if a dense matrix of these features needs more than is available."""
    widths = dense_width(feature, table)
    needed = (sum(widths.values()) + len(feature_columns(feature))) * len(table) * _BYTES_PER_NUMBER * _COPIES
    if available is None or needed <= available:
        return
    widest = max(widths, key=lambda name: widths[name])
    raise TrainerError(
        "training/not-enough-memory",
        f"The features need {needed / _GIB:.1f} GiB as a dense matrix; {available / _GIB:.1f} GiB are available. "
        f"{widest!r} alone becomes {widths[widest]} columns.",
        hint=f"Encode {widest!r} as target or binary, set min_frequency or max_features, or use a model that takes "
        "sparse features.",
        details={"column": widest, "width": widths[widest], "needed_bytes": needed, "available_bytes": available},
    )
