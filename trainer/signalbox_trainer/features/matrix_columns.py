"""Maps input columns to their columns of the feature matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalbox_trainer.features.blocks import Block, block_columns, blocks_of, feature_columns
from signalbox_trainer.specs.schemas import CategoricalBlock, FeatureSchema


def _owners(block: Block, width: int, steps: Any) -> list[int]:
    """For each of `width` matrix columns, the position of its input column within the block."""
    columns = block_columns(block)
    if isinstance(block, CategoricalBlock) and block.encode in ("onehot", "binary"):
        positions = [str(position) for position in range(len(columns))]
        return [int(name.split("_", 1)[0]) for name in steps.named_steps["encode"].get_feature_names_out(positions)]
    # Every other transformer makes the same number of columns from each of its inputs, one after the other.
    return [int(owner) for owner in np.repeat(np.arange(len(columns)), width // len(columns))]


def matrix_columns(preprocessor: Any, feature: FeatureSchema) -> dict[str, np.ndarray]:
    """Positions in the matrix by input column, for all blocks that use it.

    `preprocessor` is the fitted ColumnTransformer built from `feature`.
    """
    places: dict[str, list[int]] = {name: [] for name in feature_columns(feature)}
    names = [name for name in preprocessor.output_indices_ if name != "remainder"]
    for block, name in zip(blocks_of(feature), names, strict=True):
        slots = preprocessor.output_indices_[name]
        columns = range(slots.start, slots.stop)
        owners = _owners(block, len(columns), preprocessor.named_transformers_[name])
        for column, owner in zip(columns, owners, strict=True):
            places[block_columns(block)[owner]].append(column)
    return {name: np.asarray(columns, dtype=np.intp) for name, columns in places.items()}
