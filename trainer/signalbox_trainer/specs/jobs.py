"""What a job is asked to do: the specification files of `train`, `evaluate`, `latency` and `check-model`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.composite_types import ENSEMBLE, STACKED, composite_name
from signalbox_trainer.specs.composites import Ensemble, Stacking, parse_ensemble, parse_stacking
from signalbox_trainer.specs.fields import INVALID_SPEC, Fields
from signalbox_trainer.specs.schemas import (
    Column,
    FeatureSchema,
    ModelSchema,
    Task,
    parse_contract,
    parse_feature,
    parse_model,
)

TASKS = ("regression", "binary", "multiclass")


@dataclass(frozen=True)
class TrainSpec:
    """What `train` is asked to do."""

    run_id: str
    project_dir: Path
    train_path: Path
    task: Task
    target: str
    positive_class: Any
    contract: dict[str, Column]
    feature: FeatureSchema
    model: ModelSchema
    seed: int
    threads: int
    output_dir: Path
    stacking: Stacking | None = None
    ensemble: Ensemble | None = None

    @property
    def model_type(self) -> str:
        """What is saved: the type of `model`, or the composite that is made with it."""
        if self.stacking is not None:
            return composite_name(STACKED, [self.stacking.first.model_type, self.model.type])
        return self.model.type


@dataclass(frozen=True)
class ScoredSet:
    """One test: the table and where its predictions go."""

    name: str
    path: Path
    predictions_path: Path


@dataclass(frozen=True)
class EvaluateSpec:
    """What `evaluate` is asked to do."""

    run_id: str
    model_dir: Path
    model_type: str
    expected_digest: str | None
    is_explicitly_trusted: bool
    task: Task
    target: str
    positive_class: Any
    primary_key: list[str]
    contract: dict[str, Column]
    sets: list[ScoredSet]
    threads: int
    output_dir: Path


@dataclass(frozen=True)
class TimedModel:
    """One model to be timed; its digest is compared before it is loaded."""

    name: str
    model_dir: Path
    model_type: str
    expected_digest: str


@dataclass(frozen=True)
class LatencySpec:
    """What `latency` is asked to do."""

    run_id: str
    task: Task
    table: Path
    models: list[TimedModel]
    output_dir: Path


@dataclass(frozen=True)
class CheckSpec:
    """What `check-model` is asked to do."""

    model_dir: Path
    model_type: str
    expected_digest: str | None
    is_explicitly_trusted: bool


def _task(fields: Fields) -> Task:
    task = fields.text("task")
    if task not in TASKS:
        raise TrainerError(INVALID_SPEC, f"spec.task is none of {', '.join(TASKS)}: {task!r}.")
    return cast(Task, task)


def _model(fields: Fields, ensemble: Ensemble | None) -> ModelSchema:
    if ensemble is None:
        return parse_model(fields.record("model"))
    return ModelSchema(composite_name(ENSEMBLE, [member.model_type for member in ensemble.members]), {}, None)


def parse_train(fields: Fields) -> TrainSpec:
    """The specification of `train`; raises a TrainerError naming the field. An ensemble needs no model and feature."""
    project_dir = Path(fields.text("project_dir"))
    stacking, ensemble = parse_stacking(fields, project_dir), parse_ensemble(fields, project_dir)
    if stacking is not None and ensemble is not None:
        raise TrainerError(INVALID_SPEC, "spec has both stacking and ensemble.")
    no_feature = FeatureSchema([], [], [], [])
    return TrainSpec(
        run_id=fields.text("run_id"),
        project_dir=project_dir,
        train_path=Path(fields.text("train_path")),
        task=_task(fields),
        target=fields.text("target"),
        positive_class=fields.values.get("positive_class"),
        contract=parse_contract(fields.record("contract")),
        feature=parse_feature(fields.record("feature")) if ensemble is None else no_feature,
        model=_model(fields, ensemble),
        seed=fields.whole("seed"),
        threads=max(1, fields.whole("threads")),
        output_dir=Path(fields.text("output_dir")),
        stacking=stacking,
        ensemble=ensemble,
    )


def _expected_digest(fields: Fields) -> str | None:
    return fields.text("expected_digest") if fields.has("expected_digest") else None


def parse_evaluate(fields: Fields) -> EvaluateSpec:
    """`output_dir`, where `evaluation.json` goes, is the folder of the first set's predictions when absent."""
    sets = [
        ScoredSet(item.text("name"), Path(item.text("path")), Path(item.text("predictions_path")))
        for item in fields.records("sets")
    ]
    if not sets:
        raise TrainerError(INVALID_SPEC, "spec.sets is empty: there is nothing to evaluate.")
    output_dir = Path(fields.text("output_dir")) if fields.has("output_dir") else sets[0].predictions_path.parent
    return EvaluateSpec(
        run_id=fields.text("run_id"),
        model_dir=Path(fields.text("model_dir")),
        model_type=fields.text("model_type"),
        expected_digest=_expected_digest(fields),
        is_explicitly_trusted=fields.flag("explicit_trust", False),
        task=_task(fields),
        target=fields.text("target"),
        positive_class=fields.values.get("positive_class"),
        primary_key=fields.texts("primary_key"),
        contract=parse_contract(fields.record("contract")),
        sets=sets,
        threads=max(1, fields.whole("threads")),
        output_dir=output_dir,
    )


def parse_latency(fields: Fields) -> LatencySpec:
    """The specification of `latency`."""
    models = [
        TimedModel(
            name=item.text("name"),
            model_dir=Path(item.text("model_dir")),
            model_type=item.text("model_type"),
            expected_digest=item.text("expected_digest"),
        )
        for item in fields.records("models")
    ]
    if not models:
        raise TrainerError(INVALID_SPEC, "spec.models is empty: there is nothing to time.")
    return LatencySpec(
        run_id=fields.text("run_id"),
        task=_task(fields),
        table=Path(fields.text("table")),
        models=models,
        output_dir=Path(fields.text("output_dir")),
    )


def parse_check(fields: Fields) -> CheckSpec:
    """The specification of `check-model`."""
    return CheckSpec(
        model_dir=Path(fields.text("model_dir")),
        model_type=fields.text("model_type"),
        expected_digest=_expected_digest(fields),
        is_explicitly_trusted=fields.flag("explicit_trust", False),
    )
