"""Which model a training is asked for, and the type it is saved under."""

from __future__ import annotations

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.composite_types import ENSEMBLE, STACKED, composite_name
from signalbox_trainer.models.model_definition import ModelDefinition, definition_of
from signalbox_trainer.specs.jobs import TrainSpec
from signalbox_trainer.specs.reading import INVALID_SPEC


def wanted_model(spec: TrainSpec) -> ModelDefinition:
    """What is fitted, or the ensemble. Raises training/failed where the specification asks for no model, or for two."""
    if spec.ensemble is not None:
        if spec.stacking is not None:
            raise TrainerError(INVALID_SPEC, "spec has both stacking and ensemble.")
        return ModelDefinition(composite_name(ENSEMBLE, [one.model_type for one in spec.ensemble.members]), {}, None)
    if spec.model is None:
        raise TrainerError(INVALID_SPEC, "spec.model is missing: only an ensemble needs none.")
    return definition_of(spec.model)


def saved_type(spec: TrainSpec) -> str:
    """The type of the wanted model, or of the composite that is made with it."""
    own = wanted_model(spec).type
    return own if spec.stacking is None else composite_name(STACKED, [spec.stacking.model_type, own])
