"""Which columns of the feature matrix each input column became."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalbox_trainer.specs.schemas import Block, Categorical, FeatureSchema


def _owners(block: Block, width: int, steps: Any) -> list[int]:
    """The position within `block.columns` of the input column behind each of `width` matrix columns."""
    if isinstance(block, Categorical) and block.encode in ("onehot", "binary"):
        positions = [str(position) for position in range(len(block.columns))]
        return [int(name.split("_", 1)[0]) for name in steps.named_steps["encode"].get_feature_names_out(positions)]
    # Every other transformer makes equally many columns of each of its inputs, one behind the other.
    return [int(owner) for owner in np.repeat(np.arange(len(block.columns)), width // len(block.columns))]


def matrix_columns(preprocessor: Any, feature: FeatureSchema) -> dict[str, np.ndarray]:
    """Positions in the matrix by input column, of all blocks that take it.

    `preprocessor` is the fitted ColumnTransformer that was built from `feature`.
    """
    places: dict[str, list[int]] = {name: [] for name in feature.columns()}
    names = [name for name in preprocessor.output_indices_ if name != "remainder"]
    for block, name in zip(feature.blocks(), names, strict=True):
        slots = preprocessor.output_indices_[name]
        columns = range(slots.start, slots.stop)
        owners = _owners(block, len(columns), preprocessor.named_transformers_[name])
        for column, owner in zip(columns, owners, strict=True):
            places[block.columns[owner]].append(column)
    return {name: np.asarray(columns, dtype=np.intp) for name, columns in places.items()}
