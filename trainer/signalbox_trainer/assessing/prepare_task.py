"""The task `prepare`: counts a view's rows, groups and folds, and scores its features one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.assessing.folds import FoldRows, deal_groups
from signalbox_trainer.assessing.leakage import Probe, single_features
from signalbox_trainer.assessing.sample_size import effective_sample_size
from signalbox_trainer.assessing.usable_folds import usable_folds
from signalbox_trainer.assessing.views import View
from signalbox_trainer.features.blocks import Block, block_columns, feature_columns
from signalbox_trainer.specs.schemas import FeatureSchema
from signalbox_trainer.specs.tasks import AssessedTask, PrepareTask


def _probes(feature: FeatureSchema, table: pd.DataFrame) -> list[Probe]:
    """Converts categories and strings to codes, and the rest to numbers, times in microseconds."""
    blocks: list[Block] = [*feature.categorical, *feature.text]
    texts = {name for block in blocks for name in block_columns(block)}
    found = []
    for name in feature_columns(feature):
        values = table[name]
        if name in texts or values.dtype == object:
            found.append(Probe(name, pd.factorize(values)[0].astype(np.int64), is_categorical=True))
            continue
        is_time = values.dtype.kind == "M"
        numbers = values.to_numpy(dtype="datetime64[us]").astype(np.float64) if is_time else values.to_numpy(np.float64)
        numbers = np.where(values.isna().to_numpy(), np.nan, numbers)
        found.append(Probe(name, numbers, is_categorical=False))
    return found


def _first_half(rows: FoldRows, salt: str) -> np.ndarray:
    """Selects half of the groups, or half of the rows if there aren't two groups."""
    is_grouped = rows.groups is not None and len(np.unique(rows.groups.astype(str))) > 1
    texts = rows.groups if is_grouped and rows.groups is not None else rows.keys
    return np.asarray(deal_groups(texts, 2, salt, "half") == 0)


def _target_facts(task: AssessedTask, y: np.ndarray) -> dict[str, float | None]:
    if task == "binary":
        return {"positive_rate": float(y.mean()), "target_mean": None, "target_std": None}
    return {"positive_rate": None, "target_mean": float(y.mean()), "target_std": float(y.std())}


def prepare(task: PrepareTask, view: View) -> dict[str, Any]:
    """Returns everything except the time. Fewer than two folds isn't an error: `note` gives the reason."""
    used, note = usable_folds(view, task.folds, task.view.task)
    groups = view.rows.groups
    y = view.y.astype(np.float64)
    return {
        "rows": len(view.table),
        "groups": None if groups is None else len(np.unique(groups.astype(str))),
        "folds": len(used),
        "fold_rows": [len(fold.test) for fold in used],
        "note": note,
        **_target_facts(task.view.task, y),
        "effective_sample_size": effective_sample_size(y, groups),
        "single_features": single_features(
            _probes(task.feature, view.table), y, _first_half(view.rows, task.folds.salt), task.view.task
        ),
    }
