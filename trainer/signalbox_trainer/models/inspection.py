"""The program `inspect`: the registry of model types as JSON, for validation before a job starts."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

from signalbox_trainer.models.composite_types import is_composite
from signalbox_trainer.models.estimators import build_estimator, estimator_class, find_type, parameter_defaults
from signalbox_trainer.models.model_definition import ModelDefinition, definition_of
from signalbox_trainer.models.model_types import CUSTOM_PREFIX, MODEL_TYPES, ModelType
from signalbox_trainer.specs.questions import read_inspect_spec
from signalbox_trainer.specs.schemas import Task


def _plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return repr(value)


def _is_installed(entry: ModelType) -> bool:
    return entry.group is None or importlib.util.find_spec(entry.group) is not None


def _params(entry: ModelType) -> dict[str, dict[str, Any]]:
    """Parameters of every task's estimator with their defaults, each with the tasks that have it."""
    found: dict[str, dict[str, Any]] = {}
    for task in entry.tasks():
        defaults = parameter_defaults(estimator_class(entry, task), entry)
        for name, value in defaults.items():
            described = found.setdefault(name, {"default": _plain(value), "tasks": []})
            described["tasks"].append(task)
    return found


def describe(entry: ModelType) -> dict[str, Any]:
    """Describes one entry as JSON; `params` is null if its library isn't installed."""
    is_installed = _is_installed(entry)
    return {
        "tasks": list(entry.tasks()),
        "params": _params(entry) if is_installed else None,
        "needs_seed": entry.seed == "always",
        "seed_when": {} if isinstance(entry.seed, str) else {name: list(v) for name, v in entry.seed.items()},
        "group": entry.group,
        "is_installed": is_installed,
        "stage": entry.stage,
    }


def _check_composite(model: ModelDefinition, task: Task) -> dict[str, Any]:
    leaves = find_type(model.type).leaves()
    for leaf in leaves:
        if not leaf.name.startswith(CUSTOM_PREFIX):
            estimator_class(leaf, task)
    # Combining fitted models draws no random numbers.
    return {"schema": 1, "types": {}, "checked": model.type, "needs_seed": False}


def inspect_models(document: object) -> dict[str, Any]:
    """Returns {"schema": 1, "types": {name: …}} if `document` is None. Else it is a specification, and its model is
    checked as training would (training/unknown-model, training/invalid-params, environment/group-missing). For a
    composite type, every part must be known, support the task and have its library.
    """
    if document is None:
        return {"schema": 1, "types": {name: describe(entry) for name, entry in MODEL_TYPES.items()}}
    spec = read_inspect_spec(document, "spec")
    model = definition_of(spec.model)
    if is_composite(model.type):
        return _check_composite(model, spec.task)
    build_estimator(model, task=spec.task, seed=0, threads=1, project_dir=spec.project_dir)
    entry = find_type(model.type)
    return {"schema": 1, "types": {}, "checked": entry.name, "needs_seed": entry.needs_seed(model.params)}
