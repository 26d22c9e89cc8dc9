"""The parts of contract, feature and model schema that training needs, as the workbench resolved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from signalbox_trainer.specs.fields import Fields

Task = Literal["regression", "binary", "multiclass"]
Fill = str | list[Any] | None


@dataclass(frozen=True)
class Column:
    """A column of the data contract."""

    type: str
    is_nullable: bool
    is_known_before: bool


@dataclass(frozen=True)
class Numeric:
    """Columns taken as numbers: imputed, then clipped, then scaled."""

    columns: list[str]
    impute: Fill
    clip: tuple[float | None, float | None] | None
    scale: str | None


@dataclass(frozen=True)
class Categorical:
    """Columns taken as categories and encoded."""

    columns: list[str]
    impute: Fill
    encode: str
    order: Mapping[str, list[Any]]
    min_frequency: int | None
    folds: int
    smooth: float | str


@dataclass(frozen=True)
class Text:
    """One column of free text (`columns` has one name)."""

    columns: list[str]
    impute: Fill
    vectorize: str
    max_features: int | None
    ngrams: tuple[int, int]


@dataclass(frozen=True)
class Datetime:
    """Timestamps taken apart into calendar parts."""

    columns: list[str]
    impute: Fill
    parts: list[str]
    cyclic: bool


Block = Numeric | Categorical | Text | Datetime


@dataclass(frozen=True)
class FeatureSchema:
    """All blocks of a feature schema."""

    numeric: list[Numeric]
    categorical: list[Categorical]
    text: list[Text]
    datetime: list[Datetime]

    def blocks(self) -> list[Block]:
        return [*self.numeric, *self.categorical, *self.text, *self.datetime]

    def columns(self) -> list[str]:
        """Every input column, in order of first appearance."""
        return list(dict.fromkeys(name for block in self.blocks() for name in block.columns))


@dataclass(frozen=True)
class ModelSchema:
    """A model type, its parameters as written, and its seed."""

    type: str
    params: dict[str, Any]
    seed: int | None


def _fill(block: Fields) -> Fill:
    impute = block.values.get("impute")
    return ["constant", impute["constant"]] if isinstance(impute, dict) else impute


def parse_contract(contract: Fields) -> dict[str, Column]:
    """Columns of a data contract by name."""
    columns = contract.record("columns")
    return {
        name: Column(
            type=Fields(column, f"{columns.where}.{name}").text("type"),
            is_nullable=not column.get("non_nullable", False),
            is_known_before=column.get("known", "before") == "before",
        )
        for name, column in columns.values.items()
    }


def _numeric(block: Fields) -> Numeric:
    clip = block.values.get("clip")
    return Numeric(
        columns=block.texts("columns"),
        impute=_fill(block),
        clip=None if clip is None else (clip.get("min"), clip.get("max")),
        scale=block.values.get("scale"),
    )


def _categorical(block: Fields) -> Categorical:
    return Categorical(
        columns=block.texts("columns"),
        impute=_fill(block),
        encode=block.text("encode"),
        order=block.values.get("order") or {},
        min_frequency=block.values.get("min_frequency"),
        folds=block.values.get("folds") or 5,
        smooth="auto" if block.values.get("smooth") is None else block.values["smooth"],
    )


def _text(block: Fields) -> Text:
    low, high = block.values.get("ngrams") or (1, 1)
    return Text(
        columns=[block.text("column")],
        impute=_fill(block),
        vectorize=block.text("vectorize"),
        max_features=block.values.get("max_features"),
        ngrams=(int(low), int(high)),
    )


def _datetime(block: Fields) -> Datetime:
    return Datetime(
        columns=block.texts("columns"),
        impute=_fill(block),
        parts=block.texts("parts"),
        cyclic=block.flag("cyclic", False),
    )


def parse_feature(feature: Fields) -> FeatureSchema:
    """A feature schema; blocks that are absent are empty."""
    return FeatureSchema(
        numeric=[_numeric(block) for block in feature.records("numeric")],
        categorical=[_categorical(block) for block in feature.records("categorical")],
        text=[_text(block) for block in feature.records("text")],
        datetime=[_datetime(block) for block in feature.records("datetime")],
    )


def parse_model(schema: Fields) -> ModelSchema:
    """A model schema; no parameters and no seed where absent."""
    model = schema.record("model")
    params = dict(model.record("params").values) if model.has("params") else {}
    return ModelSchema(type=model.text("type"), params=params, seed=schema.values.get("seed"))
