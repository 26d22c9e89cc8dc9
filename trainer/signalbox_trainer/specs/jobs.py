"""What a job has to do: the specification files of `train`, `evaluate` and `latency`.

Written by scripts/generate-trainer-specs.ts from src-core/contract/trainer; don't edit it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from signalbox_trainer.specs.reading import (
    Fields,
    Scalar,
    flag,
    list_of,
    one_of,
    optional,
    otherwise,
    path,
    scalar,
    text,
    whole,
)
from signalbox_trainer.specs.schemas import (
    Contract,
    FeatureSchema,
    ModelSchema,
    Task,
    read_contract,
    read_feature_schema,
    read_model_schema,
    read_task,
)


@dataclass(frozen=True)
class Job:
    """The part of a specification that every job has."""

    # Version of the document's schema.
    schema: Literal[1]
    # The run that the job belongs to.
    run_id: str
    # Threads of the numerical libraries.
    threads: int
    # Folder of the job's outputs.
    output_dir: Path
    # File that the job's events are appended to.
    events_path: Path


def read_job(value: object, where: str) -> Job:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Job(
        schema=fields("schema", one_of(1)),
        run_id=fields("run_id", text),
        threads=fields("threads", whole(at_least=1)),
        output_dir=fields("output_dir", path),
        events_path=fields("events_path", path),
    )


@dataclass(frozen=True)
class Stacking:
    """The model whose held-out predictions are a feature of the new one."""

    # Folder of the saved model.
    model_dir: Path
    # The type it was saved under.
    model_type: str
    # Digest of its files; with another digest, it isn't loaded.
    expected_digest: str
    # Parquet file of `prediction`, one row for each row of the train set in its order; null if there is none.
    oof_path: Path


def read_stacking(value: object, where: str) -> Stacking:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Stacking(
        model_dir=fields("model_dir", path),
        model_type=fields("model_type", text),
        expected_digest=fields("expected_digest", text),
        oof_path=fields("oof_path", path),
    )


@dataclass(frozen=True)
class Member:
    """A fitted model that becomes part of another."""

    # Folder of the saved model.
    model_dir: Path
    # The type it was saved under.
    model_type: str
    # Digest of its files; with another digest, it isn't loaded.
    expected_digest: str


def read_member(value: object, where: str) -> Member:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Member(
        model_dir=fields("model_dir", path),
        model_type=fields("model_type", text),
        expected_digest=fields("expected_digest", text),
    )


@dataclass(frozen=True)
class Ensemble:
    """The models of an ensemble; only their weights are fitted."""

    # The models that get weights.
    members: list[Member]
    # Parquet file of `target` and the members' held-out predictions `p0`, `p1`, … of the same rows.
    oof_path: Path


def read_ensemble(value: object, where: str) -> Ensemble:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Ensemble(
        members=fields("members", list_of(read_member, at_least=2)),
        oof_path=fields("oof_path", path),
    )


@dataclass(frozen=True)
class TrainSpec:
    """Specification of `train`."""

    # Version of the document's schema.
    schema: Literal[1]
    # The run that the job belongs to.
    run_id: str
    # Threads of the numerical libraries.
    threads: int
    # Folder of the job's outputs.
    output_dir: Path
    # File that the job's events are appended to.
    events_path: Path
    # The project's folder.
    project_dir: Path
    # The train set, a Parquet file.
    train_path: Path
    # What is predicted: a number, one of two classes, or one of several.
    task: Task
    # The column to predict.
    target: str
    # The class whose probability a binary model is measured by; null for the larger of its two classes.
    positive_class: Scalar | None
    # The columns of the data contract.
    contract: Contract
    # How columns become features.
    feature: FeatureSchema
    # What is fitted.
    model: ModelSchema | None
    # Seed of a model whose schema has none.
    seed: int
    # The model whose held-out predictions are a feature of the new one.
    stacking: Stacking | None
    # The models of an ensemble; only their weights are fitted.
    ensemble: Ensemble | None


def read_train_spec(value: object, where: str) -> TrainSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return TrainSpec(
        schema=fields("schema", one_of(1)),
        run_id=fields("run_id", text),
        threads=fields("threads", whole(at_least=1)),
        output_dir=fields("output_dir", path),
        events_path=fields("events_path", path),
        project_dir=fields("project_dir", path),
        train_path=fields("train_path", path),
        task=fields("task", read_task),
        target=fields("target", text),
        positive_class=fields("positive_class", optional(scalar)),
        contract=fields("contract", read_contract),
        feature=fields(
            "feature",
            otherwise(
                read_feature_schema, {"version": 1, "numeric": [], "categorical": [], "text": [], "datetime": []}
            ),
        ),
        model=fields("model", optional(read_model_schema)),
        seed=fields("seed", whole()),
        stacking=fields("stacking", optional(read_stacking)),
        ensemble=fields("ensemble", optional(read_ensemble)),
    )


@dataclass(frozen=True)
class ScoredSet:
    """A test to be scored."""

    # Name of the test, for messages.
    name: str
    # Its rows, a Parquet file.
    path: Path
    # File for predictions and losses.
    predictions_path: Path


def read_scored_set(value: object, where: str) -> ScoredSet:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return ScoredSet(
        name=fields("name", text),
        path=fields("path", path),
        predictions_path=fields("predictions_path", path),
    )


@dataclass(frozen=True)
class EvaluateSpec:
    """Specification of `evaluate`."""

    # Version of the document's schema.
    schema: Literal[1]
    # The run that the job belongs to.
    run_id: str
    # Threads of the numerical libraries.
    threads: int
    # Folder of the job's outputs.
    output_dir: Path
    # File that the job's events are appended to.
    events_path: Path
    # Folder of the saved model.
    model_dir: Path
    # The type it was saved under.
    model_type: str
    # Digest of its files; null if no run of the project made it.
    expected_digest: str | None
    # Whether the user trusts it explicitly, so its types aren't checked.
    explicit_trust: bool
    # What is predicted: a number, one of two classes, or one of several.
    task: Task
    # The column to predict.
    target: str
    # The class whose probability a binary model is measured by; null for the larger of its two classes.
    positive_class: Scalar | None
    # Columns that are written with each prediction.
    primary_key: list[str]
    # The columns of the data contract.
    contract: Contract
    # The tests.
    sets: list[ScoredSet]


def read_evaluate_spec(value: object, where: str) -> EvaluateSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return EvaluateSpec(
        schema=fields("schema", one_of(1)),
        run_id=fields("run_id", text),
        threads=fields("threads", whole(at_least=1)),
        output_dir=fields("output_dir", path),
        events_path=fields("events_path", path),
        model_dir=fields("model_dir", path),
        model_type=fields("model_type", text),
        expected_digest=fields("expected_digest", optional(text)),
        explicit_trust=fields("explicit_trust", otherwise(flag, False)),
        task=fields("task", read_task),
        target=fields("target", text),
        positive_class=fields("positive_class", optional(scalar)),
        primary_key=fields("primary_key", list_of(text)),
        contract=fields("contract", read_contract),
        sets=fields("sets", list_of(read_scored_set, at_least=1)),
    )


@dataclass(frozen=True)
class TimedModel:
    """A model to be timed."""

    # Folder of the saved model.
    model_dir: Path
    # The type it was saved under.
    model_type: str
    # Digest of its files; with another digest, it isn't loaded.
    expected_digest: str
    # Name of the model in the result.
    name: str


def read_timed_model(value: object, where: str) -> TimedModel:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return TimedModel(
        model_dir=fields("model_dir", path),
        model_type=fields("model_type", text),
        expected_digest=fields("expected_digest", text),
        name=fields("name", text),
    )


@dataclass(frozen=True)
class LatencySpec:
    """Specification of `latency`."""

    # Version of the document's schema.
    schema: Literal[1]
    # The run that the job belongs to.
    run_id: str
    # Threads of the numerical libraries.
    threads: int
    # Folder of the job's outputs.
    output_dir: Path
    # File that the job's events are appended to.
    events_path: Path
    # What is predicted: a number, one of two classes, or one of several.
    task: Task
    # Rows to predict, a Parquet file.
    table: Path
    # The models, which are timed in turns.
    models: list[TimedModel]


def read_latency_spec(value: object, where: str) -> LatencySpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return LatencySpec(
        schema=fields("schema", one_of(1)),
        run_id=fields("run_id", text),
        threads=fields("threads", whole(at_least=1)),
        output_dir=fields("output_dir", path),
        events_path=fields("events_path", path),
        task=fields("task", read_task),
        table=fields("table", path),
        models=fields("models", list_of(read_timed_model, at_least=1)),
    )
