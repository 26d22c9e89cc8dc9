"""Checks whether a saved model may be loaded: loading runs its code, so its digest and types are checked first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from signalbox_trainer.artifacts.canonical import SKOPS_FILE
from signalbox_trainer.artifacts.digests import list_files, model_digest, sha256_of
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.custom_model import code_root, split_custom
from signalbox_trainer.models.estimators import find_type
from signalbox_trainer.models.model_types import CUSTOM_PREFIX, ModelType, trusted_types
from signalbox_trainer.specs.jobs import Member

MODEL_CHANGED = "evaluation/model-changed"
UNTRUSTED = "evaluation/model-untrusted"
TRANSFORMERS = "signalbox_transformers"
_TRUST_HINT = "If you know who made the model, pass --trust to load it."


def check_digest(model_dir: Path, expected: str | None, *, is_explicitly_trusted: bool) -> str:
    """The folder's digest. Raises evaluation/model-changed if it isn't the expected one."""
    if not (model_dir / "MLmodel").is_file():
        raise TrainerError("models/not-found", f"There is no model in {model_dir.name}.")
    actual = model_digest(list_files(model_dir))
    if expected is None and not is_explicitly_trusted:
        raise TrainerError(UNTRUSTED, "No run of this project recorded the model's digest.", hint=_TRUST_HINT)
    if expected is not None and actual != expected:
        raise TrainerError(
            MODEL_CHANGED,
            f"The model's files differ from those that training wrote: digest {actual[:12]}, expected {expected[:12]}.",
            hint="Train again, or restore the run's artifacts.",
            details={"actual": actual, "expected": expected},
        )
    return actual


def read_mlmodel(model_dir: Path) -> dict[str, Any]:
    """Reads the document `MLmodel`. Raises evaluation/model-untrusted if it has no scikit-learn flavour."""
    import yaml

    document: dict[str, Any] = yaml.safe_load((model_dir / "MLmodel").read_text(encoding="utf-8"))
    flavours = document.get("flavors") if isinstance(document, dict) else None
    if not isinstance(flavours, dict) or "sklearn" not in flavours:
        raise TrainerError(UNTRUSTED, "The model has no scikit-learn flavour.", hint="Train it with this workbench.")
    return document


def _own_modules(entry: ModelType) -> list[str]:
    return [split_custom(leaf.name)[0] for leaf in entry.leaves() if leaf.name.startswith(CUSTOM_PREFIX)]


def check_types(model_dir: Path, model_type: str, *, is_explicitly_trusted: bool) -> None:
    """Raises evaluation/model-untrusted if the model contains types that our registry doesn't grant to its kind."""
    if is_explicitly_trusted:
        return
    flavour = read_mlmodel(model_dir)["flavors"]["sklearn"]
    if flavour.get("serialization_format") != "skops":
        raise TrainerError(
            UNTRUSTED,
            f"The model is stored as {flavour.get('serialization_format', 'pickle')}, which can run any code.",
            hint=_TRUST_HINT,
        )
    entry = find_type(model_type)
    granted = set(trusted_types(entry))
    own = {module.split(".")[0] for module in _own_modules(entry)}
    named = flavour.get("skops_trusted_types") or []
    refused = sorted(name for name in named if name not in granted and str(name).split(".")[0] not in own)
    if refused:
        raise TrainerError(
            UNTRUSTED,
            f"The model contains types that {model_type} doesn't need: {', '.join(refused)}.",
            hint=_TRUST_HINT,
            details={"types": refused},
        )


def _forget_own_transformers() -> None:
    """Makes the model use its own copy of the transformers, as a stock client does, so an old model keeps its code."""
    for name in [name for name in sys.modules if name.split(".")[0] == TRANSFORMERS]:
        del sys.modules[name]


def load_trusted(model_dir: Path, model_type: str, *, expected: str | None, is_explicitly_trusted: bool) -> Any:
    """Loads the scikit-learn pipeline after checking digest and types. Writes no compiled files to the folder."""
    check_digest(model_dir, expected, is_explicitly_trusted=is_explicitly_trusted)
    check_types(model_dir, model_type, is_explicitly_trusted=is_explicitly_trusted)
    sys.dont_write_bytecode = True
    _forget_own_transformers()
    import mlflow.sklearn

    try:
        # MLflow refuses a folder that is a link, as an input of a job is.
        return mlflow.sklearn.load_model(str(model_dir.resolve()))
    except Exception as error:
        raise TrainerError(
            "evaluation/failed",
            f"The model can't be loaded: {type(error).__name__}: {error}",
            hint="Check that the environment has the versions of the model's requirements.txt.",
        ) from error


def _check_code(member: Member, project_dir: Path) -> None:
    """Refuses a member that was fitted with other code: a composite has one copy of each module, the current one."""
    import signalbox_transformers

    own = Path(signalbox_transformers.__file__).parent
    code = member.model_dir / "code"
    for copied in sorted(code.rglob("*.py")):
        name = copied.relative_to(code)
        source = (own.parent if name.parts[0] == TRANSFORMERS else project_dir) / name
        if not source.is_file() or sha256_of(source) != sha256_of(copied):
            raise TrainerError(
                "training/dependency-failed",
                f"The model {member.model_type} was fitted with another version of {name.as_posix()}.",
                hint="Train that model again, then this one.",
            )


def load_member(member: Member, project_dir: Path) -> Any:
    """Loads a fitted model that becomes part of a composite; checked as by `load_trusted`, never trusted explicitly.

    It runs on the code of this installation and project, which is what is saved with the composite. Raises
    training/dependency-failed where that isn't the code the model was fitted with.
    """
    model_dir = member.model_dir
    check_digest(model_dir, member.expected_digest, is_explicitly_trusted=False)
    check_types(model_dir, member.model_type, is_explicitly_trusted=False)
    _check_code(member, project_dir)
    for module in _own_modules(find_type(member.model_type)):
        code_root(module, project_dir)
    import skops.io

    named = read_mlmodel(model_dir)["flavors"]["sklearn"].get("skops_trusted_types") or []
    try:
        return skops.io.load(model_dir / SKOPS_FILE, trusted=named)
    except Exception as error:
        raise TrainerError(
            "training/dependency-failed",
            f"The model {member.model_type} can't be loaded: {type(error).__name__}: {error}",
            hint="Train that model again, then this one.",
        ) from error
