"""Folds of cross-validation, the same on every machine: a row's side follows from hashes and times alone.

`group` and `key` distribute groups or rows; `time` and `group_time` test on later rows than they train on
(expanding window). Rows without a time are excluded from folds over time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from signalbox_trainer.specs.tasks import FoldSpec
from signalbox_trainer.tables.row_texts import SEPARATOR

_NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True)
class FoldRows:
    """What decides each row's side, all (rows,): strings, and microseconds since 1970 (smallest integer for null)."""

    keys: np.ndarray
    groups: np.ndarray | None = None
    times: np.ndarray | None = None
    strata: np.ndarray | None = None


@dataclass(frozen=True)
class Fold:
    """Positions of the training rows and of the held-out rows, ascending."""

    train: np.ndarray
    test: np.ndarray


def hash_order(texts: np.ndarray, salt: str, purpose: str) -> np.ndarray:
    """Positions of `texts`, sorted by md5(salt, purpose, text); equal strings keep their order."""
    prefix = f"{salt}{SEPARATOR}{purpose}{SEPARATOR}"
    hashes = [hashlib.md5(f"{prefix}{text}".encode(), usedforsecurity=False).hexdigest() for text in texts]
    return np.argsort(np.asarray(hashes, dtype="U32"), kind="stable")


def deal_groups(groups: np.ndarray, folds: int, salt: str, purpose: str = "fold") -> np.ndarray:
    """The fold (rows,) of each row: in the order of their hash, each group goes to the fold with the fewest rows."""
    distinct, codes, counts = np.unique(groups.astype(str), return_inverse=True, return_counts=True)
    rows = [0] * folds
    fold_of = np.zeros(len(distinct), dtype=np.int64)
    for position in hash_order(distinct, salt, purpose):
        least = rows.index(min(rows))
        fold_of[position] = least
        rows[least] += int(counts[position])
    return np.asarray(fold_of[codes])


def _deal_rows(rows: FoldRows, folds: int, salt: str) -> np.ndarray:
    """Distributes a stratum's keys in turn by their hash; the next stratum continues where it ended.

    Rows with equal keys go together, with the stratum of the first of them.
    """
    codes, keys = pd.factorize(rows.keys)
    order = hash_order(keys, salt, "fold")
    if rows.strata is not None:
        _, first = np.unique(codes, return_index=True)
        _, strata = np.unique(rows.strata[first].astype(str), return_inverse=True)
        order = order[np.argsort(strata[order], kind="stable")]
    fold_of = np.empty(len(order), dtype=np.int64)
    fold_of[order] = np.arange(len(order)) % folds
    return np.asarray(fold_of[codes])


def _blocks(times: np.ndarray, blocks: int) -> np.ndarray:
    """The block (rows,) of each row, −1 without a time: contiguous in time, about equal, no time in two blocks."""
    is_timed = times != _NO_TIME
    _, codes, counts = np.unique(times[is_timed], return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    block_of = np.minimum(before * blocks // max(1, int(is_timed.sum())), blocks - 1)
    found = np.full(len(times), -1, dtype=np.int64)
    found[is_timed] = np.unique(block_of, return_inverse=True)[1][codes]
    return found


def _dealt(fold_of: np.ndarray, folds: int) -> list[Fold]:
    return [Fold(np.flatnonzero(fold_of != i), np.flatnonzero(fold_of == i)) for i in range(folds)]


def _over_time(rows: FoldRows, times: np.ndarray, spec: FoldSpec) -> list[Fold]:
    """Fold i tests block i + 1 and trains on rows older by at least the embargo, of other groups with `group_time`."""
    groups = rows.groups if spec.strategy == "group_time" else None
    folds = min(spec.max, len(np.unique(times[times != _NO_TIME])) - 1)
    if groups is not None:
        folds = min(folds, len(np.unique(groups.astype(str))))
    if folds < 1 or (groups is not None and folds < 2):
        return []
    block = _blocks(times, folds + 1)
    folds = int(block.max())
    group_fold = None if groups is None else deal_groups(groups, folds, spec.salt)
    found = []
    for i in range(folds):
        is_test = block == i + 1
        start = int(times[is_test].min())
        is_train = (block >= 0) & (block <= i) & (times <= start - spec.embargo_ms * 1000)
        if group_fold is not None:
            is_test, is_train = is_test & (group_fold == i), is_train & (group_fold != i)
        found.append(Fold(np.flatnonzero(is_train), np.flatnonzero(is_test)))
    return found


def make_folds(rows: FoldRows, spec: FoldSpec) -> list[Fold]:
    """Makes at most `spec.max` folds, fewer if there are fewer groups or times; none if nothing can be held out.

    A side can be empty: if the embargo is longer than the past, there is nothing to train on.
    """
    if spec.strategy in ("time", "group_time"):
        return [] if rows.times is None else _over_time(rows, rows.times, spec)
    if spec.strategy == "group" and rows.groups is not None:
        folds = min(spec.max, len(np.unique(rows.groups.astype(str))))
        return _dealt(deal_groups(rows.groups, folds, spec.salt), folds) if folds >= 2 else []
    folds = min(spec.max, len(pd.unique(rows.keys)))
    return _dealt(_deal_rows(rows, folds, spec.salt), folds) if folds >= 2 else []
