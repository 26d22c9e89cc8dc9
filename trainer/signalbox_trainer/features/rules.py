"""Checks a feature schema against the data contract, before any row is read."""

from __future__ import annotations

from collections.abc import Mapping

from signalbox_trainer.errors import TrainerError, nearest
from signalbox_trainer.features.blocks import Block, block_columns, blocks_of, feature_columns
from signalbox_trainer.specs.schemas import (
    CategoricalBlock,
    Column,
    DatetimeBlock,
    FeatureSchema,
    NumericBlock,
    TextBlock,
)

SCHEMA_MISMATCH = "training/schema-mismatch"

_KINDS: dict[type[Block], tuple[str, tuple[str, ...]]] = {
    NumericBlock: ("numeric", ("int", "float", "bool")),
    CategoricalBlock: ("categorical", ("string", "int", "float", "bool", "file", "timestamp")),
    TextBlock: ("text", ("string", "file")),
    DatetimeBlock: ("datetime", ("timestamp",)),
}


def check_names(columns: list[str], contract: Mapping[str, Column], target: str) -> None:
    """Raises training/schema-mismatch on no, an unknown or the target column, splits/leakage on one known after."""
    if not columns:
        raise TrainerError(
            SCHEMA_MISMATCH,
            "The feature schema names no column: a model needs at least one.",
            hint="Add a numeric, categorical, text or datetime block to configs/features.",
        )
    if target in columns:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The target {target!r} is used as a feature.",
            hint=f"Remove {target!r} from the feature schema.",
            details={"columns": [target]},
        )
    unknown = [name for name in columns if name not in contract]
    if unknown:
        near = nearest(unknown[0], contract)
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"Feature columns that aren't in the data contract: {', '.join(unknown)}.",
            hint=f"Did you mean {near!r}?" if near else "Correct the feature schema, or add them to the data contract.",
            details={"columns": unknown},
        )
    after = [name for name in columns if contract[name].known == "after"]
    if after:
        raise TrainerError(
            "splits/leakage",
            f"Features that are known only after the decision: {', '.join(after)}.",
            hint="Remove them from the feature schema.",
            details={"columns": after},
        )


def _check_block(block: Block, contract: Mapping[str, Column]) -> None:
    kind, allowed = _KINDS[type(block)]
    for name in block_columns(block):
        column = contract[name]
        if column.type not in allowed:
            raise TrainerError(
                SCHEMA_MISMATCH,
                f"Column {name!r} of type {column.type} can't be a {kind} feature, which needs {', '.join(allowed)}.",
                hint="Move the column to a block that fits its type.",
                details={"columns": [name]},
            )
    nullable = [name for name in block_columns(block) if not contract[name].non_nullable]
    if nullable and block.impute is None:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"Nullable columns without an imputer in a {kind} block: {', '.join(nullable)}.",
            hint="Add `impute` to the block, or declare the columns non_nullable in the data contract.",
            details={"columns": nullable},
        )


def check_features(feature: FeatureSchema, contract: Mapping[str, Column], target: str) -> None:
    """Raises training/schema-mismatch (splits/leakage for a column known after) with the names of the columns."""
    check_names(feature_columns(feature), contract, target)
    for block in blocks_of(feature):
        _check_block(block, contract)


def columns_without_imputer(feature: FeatureSchema) -> list[str]:
    """Columns whose nulls would reach the model."""
    bare = [block for block in blocks_of(feature) if block.impute is None]
    return list(dict.fromkeys(name for block in bare for name in block_columns(block)))
