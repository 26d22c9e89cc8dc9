"""Builds an unfitted estimator from a model schema, with parameters checked against the estimator's signature."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from signalbox_trainer.errors import TrainerError, nearest
from signalbox_trainer.models.composite_types import composite_entry, is_composite
from signalbox_trainer.models.custom_model import UNKNOWN_MODEL, custom_entry, make_custom
from signalbox_trainer.models.model_definition import ModelDefinition
from signalbox_trainer.models.model_types import CUSTOM_PREFIX, MODEL_TYPES, ModelType
from signalbox_trainer.specs.schemas import Task
from signalbox_transformers.labelled import LabelledClassifier

INVALID_PARAMS = "training/invalid-params"


def find_type(name: str) -> ModelType:
    """The registry entry of a type. Raises training/unknown-model with the closest known name."""
    if name.startswith(CUSTOM_PREFIX):
        return custom_entry(name)
    if is_composite(name):
        return composite_entry(name, find_type)
    entry = MODEL_TYPES.get(name)
    if entry is None:
        near = nearest(name, MODEL_TYPES)
        raise TrainerError(
            UNKNOWN_MODEL,
            f"There is no model type {name!r}.",
            hint=f"Did you mean {near!r}?"
            if near
            else f"Known types: {', '.join(MODEL_TYPES)}, python:module:factory.",
            details={"allowed": list(MODEL_TYPES)},
        )
    return entry


def estimator_class(entry: ModelType, task: Task) -> Any:
    """Imports the class for a task. Raises environment/group-missing if its library isn't installed."""
    path = entry.estimator_path(task)
    if path is None:
        raise TrainerError(
            INVALID_PARAMS,
            f"The model type {entry.name!r} doesn't support the task {task!r}, only {', '.join(entry.tasks())}.",
            hint="Choose another model type.",
        )
    module, name = path.split(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        if entry.group is None:
            raise
        raise TrainerError(
            "environment/group-missing",
            f"The model type {entry.name!r} needs the library {entry.group}, which isn't installed: {error}",
            next_steps=[
                {
                    "operation": "environment.add",
                    "input": {"group": entry.group},
                    "why": "installs it",
                    "answers": "first",
                }
            ],
            details={"group": entry.group},
        ) from error


def parameter_defaults(estimator: Any, entry: ModelType) -> dict[str, Any]:
    """Every parameter that a user can set, with its default value."""
    instance = estimator()
    defaults: dict[str, Any] = dict(instance.get_params(deep=False))
    defaults.update(entry.defaults)
    return {name: value for name, value in sorted(defaults.items()) if name not in entry.reserved}


def takes_any_parameter(estimator: Any) -> bool:
    """Whether the constructor has **kwargs (lightgbm, xgboost), so that an unknown name can be valid."""
    return any(
        p.kind is inspect.Parameter.VAR_KEYWORD for p in inspect.signature(estimator.__init__).parameters.values()
    )


def _reserved_hint(name: str) -> str:
    if name == "random_state":
        return "Write `seed` next to `model` instead."
    if name in ("n_jobs", "nthread", "num_threads"):
        return "Set executors.local.threads in signalbox.yaml instead."
    return f"Remove {name!r}: the trainer sets it."


def check_params(entry: ModelType, estimator: Any, params: Mapping[str, Any]) -> None:
    """Raises training/invalid-params on a parameter that the estimator doesn't have, with the closest one."""
    allowed = parameter_defaults(estimator, entry)
    for name in params:
        if name in allowed:
            continue
        if name in entry.reserved:
            raise TrainerError(
                INVALID_PARAMS, f"The parameter {name!r} of {entry.name} can't be set.", hint=_reserved_hint(name)
            )
        near = nearest(name, allowed)
        raise TrainerError(
            INVALID_PARAMS,
            f"{entry.name} has no parameter {name!r}.",
            hint=f"Did you mean {near!r}?" if near else f"Its parameters are {', '.join(allowed)}.",
            details={"parameter": name, "allowed": list(allowed)},
        )


def _takes(constraints: list[Any], value: float) -> bool:
    return any(type(one).__name__ == "Interval" and one.is_satisfied_by(value) for one in constraints)


def whole_floats(estimator: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, with a whole number as a float where the estimator takes only that (`max_features: 1.0`).

    JSON has one kind of number, so the point of 1.0 is lost on the way.
    """
    constraints = getattr(estimator, "_parameter_constraints", {})
    found = dict(params)
    for name, value in params.items():
        rules = constraints.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not isinstance(rules, list):
            continue
        if not _takes(rules, value) and _takes(rules, float(value)):
            found[name] = float(value)
    return found


def _check_values(entry: ModelType, instance: Any) -> None:
    if not hasattr(instance, "_parameter_constraints"):
        return
    try:
        instance._validate_params()
    except ValueError as error:
        raise TrainerError(INVALID_PARAMS, f"{entry.name}: {error}", hint="Correct model.params.") from error


def _seed_of(entry: ModelType, schema: ModelDefinition, seed: int) -> int:
    if schema.seed is None and entry.needs_seed(schema.params):
        raise TrainerError(
            INVALID_PARAMS,
            f"The model type {entry.name!r} draws random numbers, and its schema has no seed.",
            hint="Add `seed: 42` to the model schema.",
        )
    return seed if schema.seed is None else schema.seed


def build_estimator(schema: ModelDefinition, *, task: Task, seed: int, threads: int, project_dir: Path) -> Any:
    """Builds an unfitted estimator for the task, with seed and threads set; checks parameters and their values."""
    entry = find_type(schema.type)
    if entry.parts:
        raise TrainerError(
            INVALID_PARAMS,
            f"{schema.type} consists of fitted models and can't be fitted itself.",
            hint="Name the type of the model to fit; a training plan builds stacked models and ensembles.",
        )
    if schema.type.startswith(CUSTOM_PREFIX):
        return make_custom(
            schema.type, schema.params, seed=_seed_of(entry, schema, seed), task=task, project_dir=project_dir
        )
    estimator = estimator_class(entry, task)
    check_params(entry, estimator, schema.params)
    settings: dict[str, Any] = {**entry.defaults, **whole_floats(estimator, schema.params)}
    own = inspect.signature(estimator.__init__).parameters
    if "random_state" in own or takes_any_parameter(estimator):
        settings["random_state"] = _seed_of(entry, schema, seed)
    if entry.threads_param is not None:
        settings[entry.threads_param] = threads
    try:
        instance = estimator(**settings)
    except (TypeError, ValueError) as error:
        raise TrainerError(INVALID_PARAMS, f"{entry.name}: {error}", hint="Correct model.params.") from error
    _check_values(entry, instance)
    is_coded = entry.is_label_coded and task != "regression"
    return LabelledClassifier(instance) if is_coded else instance


# scikit-learn's own limit for `early_stopping: auto`.
_EARLY_STOPPING_ROWS = 10_000


def settle_early_stopping(estimator: Any, y: np.ndarray) -> str | None:
    """Turns automatic early stopping off if a class has one row, which can't be on both sides of the rows it holds out.

    Returns a sentence about it, or None if nothing changes. `y` is (rows,), the classes to fit on.
    """
    if getattr(estimator, "early_stopping", None) != "auto" or not hasattr(estimator, "predict_proba"):
        return None
    classes, counts = np.unique(y, return_counts=True)
    rare = classes[counts < 2]
    if len(rare) == 0 or len(y) <= _EARLY_STOPPING_ROWS:
        return None
    estimator.set_params(early_stopping=False)
    names = ", ".join(str(name) for name in rare[:5])
    return f"Early stopping is off, because it needs two training rows of each class; {len(rare)} have one: {names}."


def inner_estimator(model: Any) -> Any:
    """The estimator that has the parameters: the model itself, or the classifier in a `LabelledClassifier`."""
    return model.classifier if isinstance(model, LabelledClassifier) else model
