"""The blocks `stacking` and `ensemble` of a training specification: fitted models that the new one contains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.specs.fields import INVALID_SPEC, Fields


@dataclass(frozen=True)
class Member:
    """A saved model that is loaded only if its digest is the expected one."""

    model_dir: Path
    model_type: str
    expected_digest: str


@dataclass(frozen=True)
class Stacking:
    """`oof_path` holds `prediction`, one row for each row of the train set in its order; null where there is none."""

    first: Member
    oof_path: Path


@dataclass(frozen=True)
class Ensemble:
    """`oof_path` holds `target` and the members' held-out predictions `p0`, `p1`, … of the same rows."""

    members: list[Member]
    oof_path: Path


def _member(fields: Fields, project_dir: Path) -> Member:
    return Member(
        model_dir=project_dir / fields.text("model_dir"),
        model_type=fields.text("model_type"),
        expected_digest=fields.text("expected_digest"),
    )


def parse_stacking(fields: Fields, project_dir: Path) -> Stacking | None:
    """None where the specification has no such block. Relative paths lie below the project."""
    if not fields.has("stacking"):
        return None
    block = fields.record("stacking")
    return Stacking(_member(block, project_dir), project_dir / block.text("oof_path"))


def parse_ensemble(fields: Fields, project_dir: Path) -> Ensemble | None:
    """None where the specification has no such block. Relative paths lie below the project."""
    if not fields.has("ensemble"):
        return None
    block = fields.record("ensemble")
    members = [_member(one, project_dir) for one in block.records("members")]
    if len(members) < 2:
        raise TrainerError(INVALID_SPEC, f"spec.ensemble has {len(members)} members; an ensemble needs two.")
    return Ensemble(members, project_dir / block.text("oof_path"))
