"""Feature schemas with fewer columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from signalbox_trainer.specs.schemas import CategoricalBlock, DatetimeBlock, FeatureSchema, NumericBlock

_B = TypeVar("_B", NumericBlock, CategoricalBlock, DatetimeBlock)


def _kept(blocks: list[_B], names: Sequence[str]) -> list[_B]:
    chosen = [(block, [name for name in block.columns if name in names]) for block in blocks]
    return [replace(block, columns=columns) for block, columns in chosen if columns]


def only_columns(feature: FeatureSchema, names: Sequence[str]) -> FeatureSchema:
    """Restricts the schema to some of its columns, in its own order, and drops empty blocks."""
    return replace(
        feature,
        numeric=_kept(feature.numeric, names),
        categorical=_kept(feature.categorical, names),
        text=[block for block in feature.text if block.column in names],
        datetime=_kept(feature.datetime, names),
    )
