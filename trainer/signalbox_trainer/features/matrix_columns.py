"""Which columns of the feature matrix each input column became."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalbox_trainer.features.blocks import Block, block_columns, blocks_of, feature_columns
from signalbox_trainer.specs.schemas import CategoricalBlock, FeatureSchema


def _owners(block: Block, width: int, steps: Any) -> list[int]:
    """The position within the block's columns of the input column behind each of `width` matrix columns."""
    columns = block_columns(block)
    if isinstance(block, CategoricalBlock) and block.encode in ("onehot", "binary"):
        positions = [str(position) for position in range(len(columns))]
        return [int(name.split("_", 1)[0]) for name in steps.named_steps["encode"].get_feature_names_out(positions)]
    # Every other transformer makes equally many columns of each of its inputs, one behind the other.
    return [int(owner) for owner in np.repeat(np.arange(len(columns)), width // len(columns))]


def matrix_columns(preprocessor: Any, feature: FeatureSchema) -> dict[str, np.ndarray]:
    """Positions in the matrix by input column, of all blocks that take it.

    `preprocessor` is the fitted ColumnTransformer that was built from `feature`.
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
