"""The model that a training has to fit, and the type it is saved under."""

from __future__ import annotations

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.composite_types import ENSEMBLE, STACKED, composite_name
from signalbox_trainer.models.model_definition import ModelDefinition, definition_of
from signalbox_trainer.specs.jobs import TrainSpec
from signalbox_trainer.specs.reading import INVALID_SPEC


def wanted_model(spec: TrainSpec) -> ModelDefinition:
    """The model to fit, or the ensemble. Raises training/failed if the specification has no model, or two."""
    if spec.ensemble is not None:
        if spec.stacking is not None:
            raise TrainerError(INVALID_SPEC, "spec has both stacking and ensemble.")
        return ModelDefinition(composite_name(ENSEMBLE, [one.model_type for one in spec.ensemble.members]), {}, None)
    if spec.model is None:
        raise TrainerError(INVALID_SPEC, "spec.model is missing: only an ensemble needs none.")
    return definition_of(spec.model)


def saved_type(spec: TrainSpec) -> str:
    """The type of the model, or of the composite built with it."""
    own = wanted_model(spec).type
    return own if spec.stacking is None else composite_name(STACKED, [spec.stacking.model_type, own])
