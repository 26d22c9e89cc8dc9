"""The train set: reads it, and refuses one that no model can be fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.blocks import feature_columns
from signalbox_trainer.features.rules import SCHEMA_MISMATCH, check_features, check_names, columns_without_imputer
from signalbox_trainer.features.words import check_words
from signalbox_trainer.specs.jobs import TrainSpec
from signalbox_trainer.specs.schemas import FeatureSchema
from signalbox_trainer.tables.labels import training_target
from signalbox_trainer.tables.parquet import read_table
from signalbox_transformers.columns import ContractColumns


def _typed(spec: TrainSpec, table: pd.DataFrame) -> pd.DataFrame:
    names = feature_columns(spec.feature)
    columns = spec.contract.columns
    try:
        return ContractColumns(names, [columns[name].type for name in names]).transform(table)
    except ValueError as error:
        raise TrainerError(
            SCHEMA_MISMATCH, f"The train set: {error}", hint="Correct the column's type in the data contract."
        ) from error


def check_values(feature: FeatureSchema, typed: pd.DataFrame) -> None:
    """Raises training/schema-mismatch, with the columns, on a null without an imputer, an infinite value, no words."""
    unfilled = [name for name in columns_without_imputer(feature) if typed[name].isna().any()]
    if unfilled:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"Feature columns have nulls or NaN and no imputer: {', '.join(unfilled)}.",
            hint="Add `impute` to their block of the feature schema.",
            details={"columns": unfilled},
        )
    floats = [name for name in typed.columns if typed[name].dtype.kind == "f"]
    infinite = [name for name in floats if np.isinf(typed[name].to_numpy()).any()]
    if infinite:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"Feature columns have infinite values: {', '.join(infinite)}.",
            hint="Replace them with nulls in the table, or exclude the rows in the data contract.",
            details={"columns": infinite},
        )
    check_words(feature, typed)


def load_columns(spec: TrainSpec, names: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Reads raw columns and the target (rows,), in the file's order; raises as `load_train` does."""
    check_names(list(names), spec.contract.columns, spec.target)
    target_column = spec.contract.columns.get(spec.target)
    if target_column is None:
        raise TrainerError(SCHEMA_MISMATCH, f"The target {spec.target!r} isn't in the data contract.")
    table = read_table(spec.train_path, [*names, spec.target])
    if table.empty:
        raise TrainerError("splits/empty-side", "The train set is empty.", hint="Check the split schema.")
    y = training_target(table[spec.target], target_column.type, target=spec.target, task=spec.task)
    return table.drop(columns=[spec.target]), y


def load_train(spec: TrainSpec, also: Sequence[str] = ()) -> tuple[pd.DataFrame, np.ndarray]:
    """Reads the raw feature columns, then the columns `also`, and the target (rows,), in the file's order.

    Raises training/schema-mismatch with the names of the columns, splits/leakage on a column known only after the
    decision, splits/empty-side on a table without rows.
    """
    check_features(spec.feature, spec.contract.columns, spec.target)
    features, y = load_columns(spec, list(dict.fromkeys([*feature_columns(spec.feature), *also])))
    check_values(spec.feature, _typed(spec, features))
    return features, y
