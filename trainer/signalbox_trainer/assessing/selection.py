"""Chooses features by the mean importance over several seeds, each fitted on four fifths of the groups.

Within a fold it uses only that fold's training rows. If features were chosen on all rows, the held-out targets would
influence the score (Ambroise and McLachlan 2002, Selection bias in gene extraction).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalbox_trainer.assessing.fold_fit import Fitting, fit_rows
from signalbox_trainer.assessing.folds import FoldRows, hash_order
from signalbox_trainer.assessing.importances import builtin_importances, permutation_importances
from signalbox_trainer.assessing.leakage import score_of
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.blocks import feature_columns
from signalbox_trainer.specs.schemas import FeatureSchema
from signalbox_trainer.specs.tasks import Importance, Selection

_FITTED_SHARE = 0.8


def _fitted_part(rows: FoldRows, chosen: np.ndarray, salt: str, seed: int) -> np.ndarray:
    """Whether each of the `chosen` rows is a training row: four fifths of the groups, or of the rows, by their hash."""
    texts = rows.keys[chosen] if rows.groups is None else rows.groups[chosen]
    distinct, codes = np.unique(texts.astype(str), return_inverse=True)
    if len(distinct) < 2:
        distinct, codes = np.unique(rows.keys[chosen].astype(str), return_inverse=True)
    order = hash_order(distinct, salt, f"selection {seed}")
    is_fitted = np.zeros(len(distinct), dtype=bool)
    is_fitted[order[: max(1, min(len(distinct) - 1, round(_FITTED_SHARE * len(distinct))))]] = True
    return np.asarray(is_fitted[codes])


def ranked(importances: dict[str, float]) -> list[str]:
    """Sorts by importance, largest first, then by name."""
    return sorted(importances, key=lambda name: (-importances[name], name))


def select_features(
    fitting: Fitting,
    feature: FeatureSchema,
    view: tuple[pd.DataFrame, np.ndarray, FoldRows, np.ndarray],
    how: tuple[Selection, Importance, str],
) -> tuple[list[str], dict[str, float], str]:
    """(features, largest importance first; importances of all; method), on the rows of `view`.

    Raises training/failed if no seed gives importances.
    """
    table, y, rows, chosen = view
    selection, importance, salt = how
    found: list[dict[str, float]] = []
    methods: set[str] = set()
    for seed in selection.seeds:
        is_fitted = _fitted_part(rows, chosen, salt, seed)
        train, rest = chosen[is_fitted], chosen[~is_fitted]
        fitted = fit_rows(fitting, feature, (table.iloc[train], y[train]), seed=seed)
        own = None
        if selection.method == "importance":
            own = builtin_importances(fitted, fitted.matrix(table.iloc[train]))
        methods.add("permutation" if own is None else "importance")
        if own is None:
            own = permutation_importances(
                fitted,
                (fitted.matrix(table.iloc[rest]), y[rest]),
                lambda truth, predicted: score_of(fitting.task, truth, predicted),
                seed=seed,
                max_rows=importance.max_rows,
            )
        if own is not None:
            found.append(own)
    if not found:
        raise TrainerError(
            "training/failed",
            "Features can't be selected: no seed's held-out rows have both classes.",
            hint="Remove `selection` for this target, or add rows.",
        )
    mean = {name: float(np.mean([one[name] for one in found])) for name in feature_columns(feature)}
    return ranked(mean)[: selection.top_n], mean, "+".join(sorted(methods))
