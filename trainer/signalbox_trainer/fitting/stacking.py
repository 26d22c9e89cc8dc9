"""Stage 2 of a target: a model that has the held-out predictions of stage 1 as a feature.

It is fitted on held-out predictions, because the fitted first model has seen the targets of these rows
(Wolpert 1992, Stacked generalization). The saved model calls the first model.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.artifacts.trust import load_member
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.rules import SCHEMA_MISMATCH
from signalbox_trainer.specs.jobs import Member, Stacking, TrainSpec
from signalbox_trainer.specs.schemas import Column, Contract, NumericBlock
from signalbox_trainer.tables.labels import positive_index
from signalbox_trainer.tables.parquet import read_table
from signalbox_trainer.tables.train_set import load_train
from signalbox_transformers.composites import STAGE_1_COLUMN, StackedModel, input_columns

_STAGE_1 = NumericBlock(columns=[STAGE_1_COLUMN], impute="mean", clip=None, scale="standard")


def held_out_predictions(path: Path, names: list[str]) -> pd.DataFrame:
    """Reads the columns as float64, null as NaN. Raises training/schema-mismatch on an infinite value."""
    found = read_table(path, names)[names].astype(np.float64)
    if np.isinf(found.to_numpy()).any():
        raise TrainerError(SCHEMA_MISMATCH, f"{path.name} has infinite predictions.", hint="Assess the target again.")
    return found


def with_stage_1(
    spec: TrainSpec, table: pd.DataFrame, y: np.ndarray, predictions: np.ndarray
) -> tuple[TrainSpec, pd.DataFrame, np.ndarray]:
    """Adds the held-out predictions as one more feature to specification and columns; drops rows without a prediction.

    Raises training/schema-mismatch if the predictions are of other rows, or too few rows remain.
    """
    if len(predictions) != len(table):
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"There are {len(predictions)} held-out predictions for {len(table)} train rows.",
            hint="The split has changed: assess the target again.",
        )
    if STAGE_1_COLUMN in table.columns:
        raise TrainerError(SCHEMA_MISMATCH, f"The table has a column {STAGE_1_COLUMN}, which stacking adds itself.")
    is_held_out = np.isfinite(predictions)
    kept = y[is_held_out]
    if len(np.unique(kept)) < 2:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"{int(is_held_out.sum())} of {len(table)} train rows have a held-out prediction: too few to stack on.",
            hint="Assess the target again.",
        )
    feature = replace(spec.feature, numeric=[*spec.feature.numeric, _STAGE_1])
    column = Column("float", non_nullable=False, known="before")
    contract = Contract({**spec.contract.columns, STAGE_1_COLUMN: column})
    rows = table[is_held_out].reset_index(drop=True).assign(**{STAGE_1_COLUMN: predictions[is_held_out]})
    return replace(spec, feature=feature, contract=contract), rows, kept


def first_member(stacking: Stacking) -> Member:
    """Loads the first model."""
    return Member(stacking.model_dir, stacking.model_type, stacking.expected_digest)


def load_stacked(spec: TrainSpec, stacking: Stacking) -> tuple[Any, tuple[TrainSpec, pd.DataFrame, np.ndarray]]:
    """Returns the first model, and the training data of the second."""
    if spec.task == "multiclass":
        raise TrainerError(
            "training/invalid-params",
            "A multiclass model can't be stacked, because stacking passes on a single prediction.",
        )
    first = load_member(first_member(stacking), spec.project_dir)
    table, y = load_train(spec, input_columns(first))
    predictions = held_out_predictions(stacking.oof_path, ["prediction"])["prediction"].to_numpy()
    return first, with_stage_1(spec, table, y, predictions)


def stacked_model(first: Any, second: Any, spec: TrainSpec) -> StackedModel:
    """Builds the composite that is saved."""
    positive = positive_index(first.classes_, spec.positive_class) if spec.task == "binary" else 1
    return StackedModel(first, second, positive)
