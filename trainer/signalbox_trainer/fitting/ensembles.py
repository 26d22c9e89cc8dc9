"""An ensemble of fitted models: only the weights are fitted, on predictions of rows that no member was fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.artifacts.trust import load_member
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.rules import SCHEMA_MISMATCH
from signalbox_trainer.fitting.ensemble_weights import best_weights, log_loss, squared_error
from signalbox_trainer.fitting.stacking import held_out_predictions
from signalbox_trainer.specs.jobs import Ensemble, TrainSpec
from signalbox_trainer.tables.train_set import load_columns
from signalbox_transformers.composites import WeightedEnsemble, input_columns


def _check_classes(members: list[Any], y: np.ndarray) -> None:
    seen = [list(getattr(member, "classes_", [])) for member in members]
    if any(classes != seen[0] for classes in seen) or (seen[0] and not set(np.unique(y)) <= set(seen[0])):
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The members' classes differ from those of the target: {seen}.",
            hint="Train the members again on the current target.",
        )


def fit_weights(spec: TrainSpec, ensemble: Ensemble) -> list[float]:
    """Weights in the members' order. Raises training/schema-mismatch if no row has every member's prediction."""
    names = [f"p{number}" for number in range(len(ensemble.members))]
    rows = held_out_predictions(ensemble.oof_path, ["target", *names]).dropna()
    if rows.empty:
        raise TrainerError(
            SCHEMA_MISMATCH,
            "No row has a held-out prediction of every member, so no weights can be computed.",
            hint="Assess the target again.",
        )
    loss = squared_error if spec.task == "regression" else log_loss
    return best_weights(rows["target"].to_numpy(), rows[names].to_numpy(), loss)


def load_ensemble(spec: TrainSpec, ensemble: Ensemble) -> tuple[WeightedEnsemble, pd.DataFrame, np.ndarray]:
    """Returns the composite, the members' raw columns of the train set, and its target."""
    if spec.task == "multiclass":
        raise TrainerError("training/invalid-params", "An ensemble supports the tasks regression and binary.")
    members = [load_member(member, spec.project_dir) for member in ensemble.members]
    names = list(dict.fromkeys(name for member in members for name in input_columns(member)))
    table, y = load_columns(spec, names)
    _check_classes(members, y)
    return WeightedEnsemble(members, fit_weights(spec, ensemble)), table, y
