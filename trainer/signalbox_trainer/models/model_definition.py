"""What an estimator is built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signalbox_trainer.specs.schemas import ModelSchema


@dataclass(frozen=True)
class ModelDefinition:
    """A model type, its parameters as written, and its seed."""

    type: str
    params: dict[str, Any]
    seed: int | None


def definition_of(schema: ModelSchema) -> ModelDefinition:
    """The definition in a model schema."""
    return ModelDefinition(schema.model.type, schema.model.params, schema.seed)
