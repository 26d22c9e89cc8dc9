"""What an assessment worker is asked to do: one task a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from signalbox_trainer.assessing.folds import STRATEGIES, FoldSpec, Strategy
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.specs.fields import INVALID_SPEC, Fields
from signalbox_trainer.specs.schemas import Column, FeatureSchema, ModelSchema, parse_contract, parse_feature

AssessedTask = Literal["regression", "binary"]


@dataclass(frozen=True)
class ViewSpec:
    """The train rows of one target, of all segments or of one. `identity` is equal for equal views, features, folds."""

    path: Path
    segment: tuple[str, str] | None
    target: str
    task: AssessedTask
    positive_class: Any
    contract: dict[str, Column]
    feature: FeatureSchema
    folds: FoldSpec
    identity: str


@dataclass(frozen=True)
class Family:
    """A kind of model that competes."""

    name: str
    model: ModelSchema
    seed: int


@dataclass(frozen=True)
class Selection:
    """How features are chosen: by the estimator's own importances or by permutation, the mean over `seeds`."""

    method: Literal["importance", "permutation"]
    top_n: int
    seeds: list[int]


@dataclass(frozen=True)
class Importance:
    """How importances are measured: on at most `max_rows` held-out rows."""

    seed: int
    max_rows: int


@dataclass(frozen=True)
class AssessTask:
    """One task; `family`, `fold`, `selection` are set where its kind needs them."""

    id: str
    kind: Literal["prepare", "fold", "select"]
    out: Path
    signature: Any
    view: ViewSpec
    project_dir: Path
    family: Family | None
    fold: int
    selection: Selection | None
    importance: Importance

    @property
    def predictions_path(self) -> Path:
        return self.out.with_suffix(".parquet")


def _one_of(fields: Fields, key: str, allowed: tuple[str, ...]) -> str:
    value = fields.text(key)
    if value not in allowed:
        raise TrainerError(INVALID_SPEC, f"{fields.where}.{key} is none of {', '.join(allowed)}: {value!r}.")
    return value


def _text_or_none(fields: Fields, key: str) -> str | None:
    return fields.text(key) if fields.has(key) else None


def _folds(fields: Fields) -> FoldSpec:
    return FoldSpec(
        strategy=cast(Strategy, _one_of(fields, "strategy", STRATEGIES)),
        group=fields.texts("group") if fields.has("group") else [],
        time=_text_or_none(fields, "time"),
        embargo_ms=fields.whole("embargo_ms") if fields.has("embargo_ms") else 0,
        key=fields.texts("key"),
        strata=fields.texts("strata") if fields.has("strata") else [],
        salt=fields.text("salt"),
        max=fields.whole("max") if fields.has("max") else 5,
    )


def _view(task: Fields) -> ViewSpec:
    view = task.record("view")
    segment = view.record("segment") if view.has("segment") else None
    parts = {name: task.values.get(name) for name in ("view", "contract", "feature", "folds")}
    return ViewSpec(
        path=Path(view.text("path")),
        segment=None if segment is None else (segment.text("column"), segment.text("value")),
        target=view.text("target"),
        task=cast(AssessedTask, _one_of(view, "task", ("regression", "binary"))),
        positive_class=view.values.get("positive_class"),
        contract=parse_contract(task.record("contract")),
        feature=parse_feature(task.record("feature")),
        folds=_folds(task.record("folds")),
        identity=json.dumps(parts, sort_keys=True),
    )


def _family(task: Fields) -> Family:
    fields = task.record("family")
    params = dict(fields.record("params").values) if fields.has("params") else {}
    seed = fields.whole("seed")
    return Family(fields.text("name"), ModelSchema(fields.text("type"), params, seed), seed)


def _selection(task: Fields) -> Selection | None:
    if not task.has("selection"):
        return None
    fields = task.record("selection")
    seeds = [int(seed) for seed in fields.texts("seeds")]
    if not seeds or fields.whole("top_n") < 1:
        raise TrainerError(INVALID_SPEC, f"{fields.where} needs a seed and a positive top_n.")
    method = cast(Literal["importance", "permutation"], _one_of(fields, "method", ("importance", "permutation")))
    return Selection(method, fields.whole("top_n"), seeds)


def _importance(task: Fields) -> Importance:
    if not task.has("importance"):
        return Importance(seed=0, max_rows=2000)
    fields = task.record("importance")
    # Permutation is the one measure that every estimator has and that compares between them: `auto` is that.
    _one_of(fields, "method", ("auto", "permutation"))
    return Importance(
        seed=fields.whole("seed") if fields.has("seed") else 0,
        max_rows=fields.whole("max_rows") if fields.has("max_rows") else 2000,
    )


def parse_task(document: Any) -> AssessTask:
    """Raises a TrainerError naming the field."""
    task = Fields(document, "task")
    kind = _one_of(task, "kind", ("prepare", "fold", "select"))
    selection = _selection(task)
    if kind == "select" and selection is None:
        raise TrainerError(INVALID_SPEC, "task.selection is missing: it says how features are chosen.")
    return AssessTask(
        id=task.text("id"),
        kind=cast(Literal["prepare", "fold", "select"], kind),
        out=Path(task.text("out")),
        signature=task.values.get("signature"),
        view=_view(task),
        project_dir=Path(task.text("project_dir")),
        family=None if kind == "prepare" else _family(task),
        fold=task.whole("fold") if kind == "fold" else 0,
        selection=selection,
        importance=_importance(task),
    )
