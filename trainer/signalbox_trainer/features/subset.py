"""Feature schemas with fewer columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from signalbox_trainer.specs.schemas import Block, FeatureSchema

_B = TypeVar("_B", bound=Block)


def _kept(blocks: list[_B], names: Sequence[str]) -> list[_B]:
    chosen = [(block, [name for name in block.columns if name in names]) for block in blocks]
    return [replace(block, columns=columns) for block, columns in chosen if columns]


def only_columns(feature: FeatureSchema, names: Sequence[str]) -> FeatureSchema:
    """The schema restricted to some of its columns, in its own order; blocks that are left empty are dropped."""
    return FeatureSchema(
        _kept(feature.numeric, names),
        _kept(feature.categorical, names),
        _kept(feature.text, names),
        _kept(feature.datetime, names),
    )
