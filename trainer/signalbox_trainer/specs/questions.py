"""The questions for `check-model` and `inspect`.

Written by scripts/generate-trainer-specs.ts from src-core/contract/trainer; don't edit it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from signalbox_trainer.specs.reading import Fields, flag, one_of, optional, otherwise, path, text
from signalbox_trainer.specs.schemas import ModelSchema, Task, read_model_schema, read_task


@dataclass(frozen=True)
class CheckSpec:
    """Specification of `check-model`."""

    # Version of the document's schema.
    schema: Literal[1]
    # Folder of the saved model.
    model_dir: Path
    # The type it was saved under.
    model_type: str
    # Digest of its files; null if no run of the project made it.
    expected_digest: str | None
    # Whether the user trusts it explicitly, so its types aren't checked.
    explicit_trust: bool


def read_check_spec(value: object, where: str) -> CheckSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return CheckSpec(
        schema=fields("schema", one_of(1)),
        model_dir=fields("model_dir", path),
        model_type=fields("model_type", text),
        expected_digest=fields("expected_digest", optional(text)),
        explicit_trust=fields("explicit_trust", otherwise(flag, False)),
    )


@dataclass(frozen=True)
class InspectSpec:
    """Specification of `inspect`, which checks what training would."""

    # Version of the document's schema.
    schema: Literal[1]
    # What is fitted.
    model: ModelSchema
    # What is predicted: a number, one of two classes, or one of several.
    task: Task
    # The project's folder.
    project_dir: Path


def read_inspect_spec(value: object, where: str) -> InspectSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return InspectSpec(
        schema=fields("schema", one_of(1)),
        model=fields("model", read_model_schema),
        task=fields("task", read_task),
        project_dir=fields("project_dir", path),
    )
