"""A project's own model types: `python:<module>:<factory>`, with the module below the project folder."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.model_types import CUSTOM_PREFIX, MODEL_TYPES, ModelType
from signalbox_trainer.specs.schemas import Task

UNKNOWN_MODEL = "training/unknown-model"
IMPORT_FAILED = "training/import-failed"


def split_custom(model_type: str) -> tuple[str, str]:
    """("module", "factory") of "python:module:factory". Raises training/unknown-model on any other form."""
    parts = [part.strip() for part in model_type.removeprefix(CUSTOM_PREFIX).split(":")]
    is_name = len(parts) == 2 and all(word.isidentifier() for part in parts for word in part.split("."))
    if not is_name:
        raise TrainerError(
            UNKNOWN_MODEL,
            f"The model type {model_type!r} isn't of the form python:<module>:<factory>.",
            hint="Name a module below the project and a function in it: python:models.net:make.",
        )
    return parts[0], parts[1]


def custom_entry(model_type: str) -> ModelType:
    """The registry entry of a project's own model: it may contain types of known models, and its module's classes."""
    split_custom(model_type)
    known = {name for entry in MODEL_TYPES.values() for name in entry.trusted}
    return ModelType(name=model_type, trusted=tuple(sorted(known)), stage=2)


def _project_root(module: str, project_dir: Path) -> Path:
    """The project itself, where a job's folder of it holds links to the modules: they find their files beside them."""
    top = module.split(".")[0]
    found = next((entry for name in (top, f"{top}.py") if (entry := project_dir / name).exists()), None)
    return project_dir.resolve() if found is None else found.resolve().parent


def _located(module: str, project_dir: Path) -> Path:
    root = _project_root(module, project_dir)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        found = None
    if found is None or found.origin is None:
        raise TrainerError(
            UNKNOWN_MODEL,
            f"There is no module {module!r} below {root.name}.",
            hint=f"Write {module.replace('.', '/')}.py in the project folder.",
        )
    origin = Path(found.origin).resolve()
    if not origin.is_relative_to(root):
        raise TrainerError(
            UNKNOWN_MODEL,
            f"The module {module!r} is outside the project folder.",
            hint="Give it a name that no installed package uses.",
        )
    return origin


def code_root(module: str, project_dir: Path) -> Path:
    """The file or top-level package that has to be saved with the model."""
    origin = _located(module, project_dir)
    top = module.split(".")[0]
    root = _project_root(module, project_dir)
    package = root / top
    return package if package.is_dir() else origin


def make_custom(model_type: str, params: dict[str, Any], *, seed: int, task: Task, project_dir: Path) -> Any:
    """Calls the project's factory(params, seed, task). Raises training/import-failed if module or factory fail."""
    module, factory = split_custom(model_type)
    _located(module, project_dir)
    try:
        make = getattr(importlib.import_module(module), factory)
        estimator = make(params, seed, task)
    except Exception as error:
        raise TrainerError(
            IMPORT_FAILED,
            f"{model_type} can't create its estimator: {type(error).__name__}: {error}",
            hint=f"{factory}(params, seed, task) in {module} must return a scikit-learn estimator.",
        ) from error
    if not (hasattr(estimator, "fit") and hasattr(estimator, "predict") and hasattr(estimator, "get_params")):
        raise TrainerError(
            IMPORT_FAILED,
            f"{model_type} returned {type(estimator).__name__}, which isn't a scikit-learn estimator.",
            hint="Return an object with fit, predict and get_params.",
        )
    return estimator
