"""Builds the unfitted preprocessor of the pipeline from a feature schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from signalbox_trainer.features.blocks import (
    Fill,
    feature_columns,
    fill_of,
    folds_of,
    ngrams_of,
    smoothing_of,
    text_fill,
)
from signalbox_trainer.features.words import TOKEN_PATTERN
from signalbox_trainer.specs.schemas import (
    CategoricalBlock,
    Column,
    DatetimeBlock,
    FeatureSchema,
    NumericBlock,
    Task,
    TextBlock,
)
from signalbox_transformers.calendar_parts import DatetimeParts
from signalbox_transformers.categories import BinaryDigits, Categories, OrdinalRanks, category_text
from signalbox_transformers.columns import Clip, ContractColumns
from signalbox_transformers.text import TextColumn

_SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}
# Default number of hash buckets, or size of the vocabulary: 100,000 rows still fit into memory as a dense matrix.
DEFAULT_TEXT_FEATURES = 1024
_TARGET_TYPES = {"regression": "continuous", "binary": "binary", "multiclass": "multiclass"}

Steps = list[tuple[str, Any]]
Input = tuple[str, Any, Any]


def _imputer(fill: Fill) -> Any:
    if isinstance(fill, list):
        return SimpleImputer(strategy="constant", fill_value=float(fill[1]), keep_empty_features=True)
    return SimpleImputer(strategy=fill, keep_empty_features=True)


def _numeric(block: NumericBlock) -> Steps:
    steps: Steps = []
    if block.impute is not None:
        steps.append(("impute", _imputer(fill_of(block))))
    if block.clip is not None:
        steps.append(("clip", Clip(block.clip.min, block.clip.max)))
    if block.scale is not None:
        steps.append(("scale", _SCALERS[block.scale]()))
    return steps


def _orders(block: CategoricalBlock, types: list[str]) -> list[list[str] | None]:
    orders = [(block.order or {}).get(name) for name in block.columns]
    return [
        None if order is None else [category_text(value, kind) for value in order]
        for order, kind in zip(orders, types, strict=True)
    ]


def _encoder(block: CategoricalBlock, types: list[str], task: Task, seed: int) -> Any:
    if block.encode == "onehot":
        handle_unknown = "ignore" if block.min_frequency is None else "infrequent_if_exist"
        return OneHotEncoder(handle_unknown=handle_unknown, min_frequency=block.min_frequency)
    if block.encode == "ordinal":
        return OrdinalRanks(types, _orders(block, types))
    if block.encode == "binary":
        return BinaryDigits()
    folds = KFold if task == "regression" else StratifiedKFold
    return TargetEncoder(
        target_type=_TARGET_TYPES[task],
        smooth=smoothing_of(block),
        cv=folds(n_splits=folds_of(block), shuffle=True, random_state=seed),
    )


def _categorical(block: CategoricalBlock, contract: Mapping[str, Column], task: Task, seed: int) -> Steps:
    types: list[str] = [contract[name].type for name in block.columns]
    return [("text", Categories(types, fill_of(block))), ("encode", _encoder(block, types, task, seed))]


def _text(block: TextBlock) -> Steps:
    size = block.max_features or DEFAULT_TEXT_FEATURES
    if block.vectorize == "hashing":
        vectorizer = HashingVectorizer(n_features=size, ngram_range=ngrams_of(block), token_pattern=TOKEN_PATTERN)
    else:
        vectorizer = TfidfVectorizer(max_features=size, ngram_range=ngrams_of(block), token_pattern=TOKEN_PATTERN)
    return [("text", TextColumn(text_fill(block))), ("vectorize", vectorizer)]


def _datetime(block: DatetimeBlock) -> Steps:
    return [("parts", DatetimeParts(list(block.parts), block.cyclic, fill_of(block)))]


def _input(name: str, steps: Steps, columns: Any) -> Input:
    return (name, Pipeline(steps) if steps else "passthrough", columns)


def build_preprocessor(
    feature: FeatureSchema, contract: Mapping[str, Column], task: Task, *, seed: int, is_dense: bool
) -> Any:
    """Builds an unfitted transformer from the raw table to a matrix (rows, features).

    Blocks are in the order numeric, categorical, text, datetime. The matrix is sparse if most values are zero, unless
    `is_dense`. The feature schema must have passed `check_features`.
    """
    inputs: list[Input] = []
    inputs += [_input(f"numeric_{i}", _numeric(b), b.columns) for i, b in enumerate(feature.numeric, 1)]
    inputs += [
        _input(f"categorical_{i}", _categorical(b, contract, task, seed), b.columns)
        for i, b in enumerate(feature.categorical, 1)
    ]
    inputs += [_input(f"text_{i}", _text(b), b.column) for i, b in enumerate(feature.text, 1)]
    inputs += [_input(f"datetime_{i}", _datetime(b), b.columns) for i, b in enumerate(feature.datetime, 1)]
    names = feature_columns(feature)
    return Pipeline(
        [
            ("columns", ContractColumns(names, [contract[name].type for name in names])),
            ("features", ColumnTransformer(inputs, remainder="drop", sparse_threshold=0.0 if is_dense else 0.3)),
        ]
    )
