"""The program `inspect`: the registry of model types as JSON, for validation before a job starts."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from signalbox_trainer.models.composite_types import is_composite
from signalbox_trainer.models.estimators import build_estimator, estimator_class, find_type, parameter_defaults
from signalbox_trainer.models.model_types import CUSTOM_PREFIX, MODEL_TYPES, ModelType
from signalbox_trainer.specs.fields import Fields
from signalbox_trainer.specs.schemas import ModelSchema, Task, parse_model


def _plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return repr(value)


def _is_installed(entry: ModelType) -> bool:
    return entry.group is None or importlib.util.find_spec(entry.group) is not None


def _params(entry: ModelType) -> dict[str, dict[str, Any]]:
    """Parameters of every task's estimator with their defaults; a parameter says which tasks have it."""
    found: dict[str, dict[str, Any]] = {}
    for task in entry.tasks():
        defaults = parameter_defaults(estimator_class(entry, task), entry)
        for name, value in defaults.items():
            described = found.setdefault(name, {"default": _plain(value), "tasks": []})
            described["tasks"].append(task)
    return found


def describe(entry: ModelType) -> dict[str, Any]:
    """One entry as JSON; `params` is null where its library isn't installed."""
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


def _check_composite(schema: ModelSchema, task: Task) -> dict[str, Any]:
    leaves = find_type(schema.type).leaves()
    for leaf in leaves:
        if not leaf.name.startswith(CUSTOM_PREFIX):
            estimator_class(leaf, task)
    # Nothing is drawn when fitted models are put together.
    return {"schema": 1, "types": {}, "checked": schema.type, "needs_seed": False}


def inspect_models(fields: Fields | None) -> dict[str, Any]:
    """{"schema": 1, "types": {name: …}}. With a specification that holds `model`, `task` and `project_dir`, the model
    schema is checked as training would (training/unknown-model, training/invalid-params, environment/group-missing);
    of a composite type it is checked that every part is known, does the task and has its library.
    """
    if fields is not None and fields.has("model"):
        schema = parse_model(fields.record("model"))
        task: Task = fields.text("task")  # type: ignore[assignment]
        if is_composite(schema.type):
            return _check_composite(schema, task)
        project_dir = Path(fields.text("project_dir"))
        build_estimator(schema, task=task, seed=0, threads=1, project_dir=project_dir)
        entry = find_type(schema.type)
        return {"schema": 1, "types": {}, "checked": entry.name, "needs_seed": entry.needs_seed(schema.params)}
    return {"schema": 1, "types": {name: describe(entry) for name, entry in MODEL_TYPES.items()}}
