"""Data contract, feature schema and model schema, as the workbench resolved them.

Written by scripts/generate-trainer-specs.ts from src-core/contract/trainer; don't edit it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from signalbox_trainer.specs.reading import (
    Fields,
    Reader,
    Scalar,
    anything,
    either,
    flag,
    list_of,
    mapping_of,
    number,
    one_of,
    optional,
    otherwise,
    pair_of,
    scalar,
    text,
    whole,
)

# What is predicted: a number, one of two classes, or one of several.
Task = Literal["regression", "binary", "multiclass"]
read_task: Reader[Task] = one_of("regression", "binary", "multiclass")


@dataclass(frozen=True)
class Column:
    """A column of the data contract."""

    # Type of the values; `file` is a path below the project, and its folder is versioned with the data.
    type: Literal["string", "int", "float", "bool", "timestamp", "file", "struct", "list"]
    # Whether every row must have a value.
    non_nullable: bool
    # Whether the value is known before the decision or only after it; a feature marked `after` stops a run.
    known: Literal["before", "after"]


def read_column(value: object, where: str) -> Column:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Column(
        type=fields("type", one_of("string", "int", "float", "bool", "timestamp", "file", "struct", "list")),
        non_nullable=fields("non_nullable", otherwise(flag, False)),
        known=fields("known", otherwise(one_of("before", "after"), "before")),
    )


@dataclass(frozen=True)
class Contract:
    """The columns of the data contract."""

    # Every column by its name.
    columns: dict[str, Column]


def read_contract(value: object, where: str) -> Contract:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Contract(
        columns=fields("columns", mapping_of(read_column)),
    )


@dataclass(frozen=True)
class NumericBlockImpute:
    """Replacement for a missing value; required if a column is nullable."""

    # The value.
    constant: float


def read_numeric_block_impute(value: object, where: str) -> NumericBlockImpute:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return NumericBlockImpute(
        constant=fields("constant", number()),
    )


@dataclass(frozen=True)
class NumericBlockClip:
    """Bounds that values are clipped to, after imputation."""

    # Lower bound, in the column's unit.
    min: float | None
    # Upper bound, in the column's unit.
    max: float | None


def read_numeric_block_clip(value: object, where: str) -> NumericBlockClip:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return NumericBlockClip(
        min=fields("min", optional(number())),
        max=fields("max", optional(number())),
    )


@dataclass(frozen=True)
class NumericBlock:
    """Columns taken as numbers."""

    # Columns of the data contract.
    columns: list[str]
    # Replacement for a missing value; required if a column is nullable.
    impute: NumericBlockImpute | Literal["mean", "median", "most_frequent"] | None
    # Bounds that values are clipped to, after imputation.
    clip: NumericBlockClip | None
    # Scaling, after clipping.
    scale: Literal["standard", "minmax", "robust"] | None


def read_numeric_block(value: object, where: str) -> NumericBlock:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return NumericBlock(
        columns=fields("columns", list_of(text, at_least=1)),
        impute=fields(
            "impute", optional(either(dict, read_numeric_block_impute, one_of("mean", "median", "most_frequent")))
        ),
        clip=fields("clip", optional(read_numeric_block_clip)),
        scale=fields("scale", optional(one_of("standard", "minmax", "robust"))),
    )


@dataclass(frozen=True)
class CategoricalBlockImpute:
    """Replacement for a missing value; required if a column is nullable."""

    # The value.
    constant: Scalar


def read_categorical_block_impute(value: object, where: str) -> CategoricalBlockImpute:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return CategoricalBlockImpute(
        constant=fields("constant", scalar),
    )


@dataclass(frozen=True)
class CategoricalBlock:
    """Columns taken as categories and encoded."""

    # Columns of the data contract.
    columns: list[str]
    # Replacement for a missing value; required if a column is nullable.
    impute: CategoricalBlockImpute | Literal["most_frequent"] | None
    # Encoding: a column per category, its rank, the binary digits of its number, or the target's cross-fitted mean.
    encode: Literal["onehot", "ordinal", "binary", "target"]
    # `ordinal`: the values of each column from lowest to highest.
    order: dict[str, list[Scalar]] | None
    # `onehot`: categories with fewer training rows share one column.
    min_frequency: int | None
    # `target`: folds of the cross-fitting.
    folds: int | None
    # `target`: weight of the overall mean; `auto` is empirical Bayes.
    smooth: Literal["auto"] | float | None


def read_categorical_block(value: object, where: str) -> CategoricalBlock:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return CategoricalBlock(
        columns=fields("columns", list_of(text, at_least=1)),
        impute=fields("impute", optional(either(dict, read_categorical_block_impute, one_of("most_frequent")))),
        encode=fields("encode", one_of("onehot", "ordinal", "binary", "target")),
        order=fields("order", optional(mapping_of(list_of(scalar, at_least=1)))),
        min_frequency=fields("min_frequency", optional(whole(at_least=1))),
        folds=fields("folds", optional(whole(at_least=2, at_most=20))),
        smooth=fields("smooth", optional(either(str, one_of("auto"), number(at_least=0)))),
    )


@dataclass(frozen=True)
class TextBlockImpute:
    """Replacement for a missing string; required if the column is nullable."""

    # The string.
    constant: str


def read_text_block_impute(value: object, where: str) -> TextBlockImpute:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return TextBlockImpute(
        constant=fields("constant", text),
    )


@dataclass(frozen=True)
class TextBlock:
    """One column of free text."""

    # The column of strings.
    column: str
    # How words are turned into numbers. A letter, a run of symbols (stars) and a character of a script without spaces
    # (Chinese, Japanese, Thai) are words too.
    vectorize: Literal["hashing", "tfidf"]
    # Number of buckets (`hashing`) or of words in the vocabulary (`tfidf`).
    max_features: int | None
    # Fewest and most consecutive words of an n-gram.
    ngrams: tuple[int, int] | None
    # Replacement for a missing string; required if the column is nullable.
    impute: TextBlockImpute | None


def read_text_block(value: object, where: str) -> TextBlock:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return TextBlock(
        column=fields("column", text),
        vectorize=fields("vectorize", one_of("hashing", "tfidf")),
        max_features=fields("max_features", optional(whole(at_least=1))),
        ngrams=fields("ngrams", optional(pair_of(whole(at_least=1)))),
        impute=fields("impute", optional(read_text_block_impute)),
    )


@dataclass(frozen=True)
class DatetimeBlockImpute:
    """Replacement for a missing time; required if a column is nullable."""

    # The time.
    constant: str


def read_datetime_block_impute(value: object, where: str) -> DatetimeBlockImpute:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return DatetimeBlockImpute(
        constant=fields("constant", text),
    )


@dataclass(frozen=True)
class DatetimeBlock:
    """Times taken apart into calendar parts."""

    # Columns of the data contract.
    columns: list[str]
    # Parts that are extracted from each time, in UTC.
    parts: list[Literal["year", "month", "day", "hour", "minute", "weekday", "day_of_year", "is_weekend", "epoch_days"]]
    # Whether to add the sine and cosine of each periodic part.
    cyclic: bool
    # Replacement for a missing time; required if a column is nullable.
    impute: DatetimeBlockImpute | Literal["most_frequent"] | None


def read_datetime_block(value: object, where: str) -> DatetimeBlock:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return DatetimeBlock(
        columns=fields("columns", list_of(text, at_least=1)),
        parts=fields(
            "parts",
            list_of(
                one_of("year", "month", "day", "hour", "minute", "weekday", "day_of_year", "is_weekend", "epoch_days"),
                at_least=1,
            ),
        ),
        cyclic=fields("cyclic", otherwise(flag, False)),
        impute=fields("impute", optional(either(dict, read_datetime_block_impute, one_of("most_frequent")))),
    )


@dataclass(frozen=True)
class FeatureSchema:
    """How columns become features."""

    # Version of the file's schema; the version of the configuration is in the file's name.
    version: Literal[1]
    # Numbers and booleans.
    numeric: list[NumericBlock]
    # Categories; a value that training never saw is ignored.
    categorical: list[CategoricalBlock]
    # Strings of words.
    text: list[TextBlock]
    # Parts of times.
    datetime: list[DatetimeBlock]


def read_feature_schema(value: object, where: str) -> FeatureSchema:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return FeatureSchema(
        version=fields("version", one_of(1)),
        numeric=fields("numeric", otherwise(list_of(read_numeric_block), [])),
        categorical=fields("categorical", otherwise(list_of(read_categorical_block), [])),
        text=fields("text", otherwise(list_of(read_text_block), [])),
        datetime=fields("datetime", otherwise(list_of(read_datetime_block), [])),
    )


@dataclass(frozen=True)
class ModelSchemaModel:
    """The estimator."""

    # One of the model types below, or `python:<module>:<factory>` with the module below the project.
    type: str
    # The estimator's own parameters, checked against its signature.
    params: dict[str, Any]


def read_model_schema_model(value: object, where: str) -> ModelSchemaModel:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return ModelSchemaModel(
        type=fields("type", text),
        params=fields("params", otherwise(mapping_of(anything), {})),
    )


@dataclass(frozen=True)
class ModelSchema:
    """What is fitted."""

    # Version of the file's schema; the version of the configuration is in the file's name.
    version: Literal[1]
    # The estimator.
    model: ModelSchemaModel
    # Seed of every random choice in fitting; required where the estimator has one.
    seed: int | None


def read_model_schema(value: object, where: str) -> ModelSchema:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return ModelSchema(
        version=fields("version", one_of(1)),
        model=fields("model", read_model_schema_model),
        seed=fields("seed", optional(whole(at_least=0, at_most=4294967295))),
    )
