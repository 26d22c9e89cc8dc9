"""The blocks of a feature schema: their columns, and their defaults."""

from __future__ import annotations

from typing import Any

from signalbox_trainer.specs.schemas import CategoricalBlock, DatetimeBlock, FeatureSchema, NumericBlock, TextBlock

Block = NumericBlock | CategoricalBlock | TextBlock | DatetimeBlock
# A strategy, or ["constant", value].
Fill = str | list[Any] | None

_TARGET_FOLDS = 5


def blocks_of(feature: FeatureSchema) -> list[Block]:
    """All blocks, in the order of the feature matrix."""
    return [*feature.numeric, *feature.categorical, *feature.text, *feature.datetime]


def block_columns(block: Block) -> list[str]:
    """The input columns of a block."""
    return [block.column] if isinstance(block, TextBlock) else block.columns


def feature_columns(feature: FeatureSchema) -> list[str]:
    """Every input column, in order of first appearance."""
    return list(dict.fromkeys(name for block in blocks_of(feature) for name in block_columns(block)))


def fill_of(block: Block) -> Fill:
    """The replacement for missing values, in the form that the pipeline's steps use."""
    impute = block.impute
    return impute if impute is None or isinstance(impute, str) else ["constant", impute.constant]


def text_fill(block: TextBlock) -> str:
    """The replacement for a missing text; none is an empty one."""
    return "" if block.impute is None else block.impute.constant


def folds_of(block: CategoricalBlock) -> int:
    """Folds of the cross-fitted target means."""
    return block.folds or _TARGET_FOLDS


def smoothing_of(block: CategoricalBlock) -> float | str:
    """Weight of the overall mean among the target means; "auto" is empirical Bayes."""
    return "auto" if block.smooth is None else block.smooth


def ngrams_of(block: TextBlock) -> tuple[int, int]:
    """Shortest and longest run of words; single words by default."""
    return block.ngrams or (1, 1)
