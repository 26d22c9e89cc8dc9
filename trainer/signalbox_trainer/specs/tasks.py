"""The start parameters of an assessment and its workers, and their tasks.

Written by scripts/generate-trainer-specs.ts from src-core/contract/trainer; don't edit it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from signalbox_trainer.specs.reading import (
    Fields,
    Reader,
    Scalar,
    anything,
    by_key,
    list_of,
    mapping_of,
    one_of,
    optional,
    otherwise,
    path,
    scalar,
    text,
    whole,
)
from signalbox_trainer.specs.schemas import Contract, FeatureSchema, read_contract, read_feature_schema


@dataclass(frozen=True)
class WorkerSpec:
    """Specification of `assess-worker`; its tasks follow on standard input."""

    # Version of the document's schema.
    schema: Literal[1]
    # Threads of the numerical libraries.
    threads: int


def read_worker_spec(value: object, where: str) -> WorkerSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return WorkerSpec(
        schema=fields("schema", one_of(1)),
        threads=fields("threads", whole(at_least=1)),
    )


@dataclass(frozen=True)
class AssessSpec:
    """Specification of `assess`; its tasks follow on standard input."""

    # Version of the document's schema.
    schema: Literal[1]
    # Threads of the numerical libraries.
    threads: int
    # Workers that the tasks are shared among.
    workers: int


def read_assess_spec(value: object, where: str) -> AssessSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return AssessSpec(
        schema=fields("schema", one_of(1)),
        threads=fields("threads", whole(at_least=1)),
        workers=fields("workers", whole(at_least=1)),
    )


@dataclass(frozen=True)
class Segment:
    """A value of the column whose values are the segments."""

    # Column whose values are the segments.
    column: str
    # Its value, as a string.
    value: str


def read_segment(value: object, where: str) -> Segment:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Segment(
        column=fields("column", text),
        value=fields("value", text),
    )


# What an assessed target is: a number, or two classes.
AssessedTask = Literal["regression", "binary"]
read_assessed_task: Reader[AssessedTask] = one_of("regression", "binary")


@dataclass(frozen=True)
class AssessedView:
    """The train rows of one target, of all segments or of one."""

    # Train side of the target, with all segments: a Parquet file.
    path: Path
    # The segment whose rows the view has; null for all rows.
    segment: Segment | None
    # The column to predict.
    target: str
    # What an assessed target is: a number, or two classes.
    task: AssessedTask
    # The class whose probability a binary model is measured by; null for the larger of its two classes.
    positive_class: Scalar | None


def read_assessed_view(value: object, where: str) -> AssessedView:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return AssessedView(
        path=fields("path", path),
        segment=fields("segment", optional(read_segment)),
        target=fields("target", text),
        task=fields("task", read_assessed_task),
        positive_class=fields("positive_class", optional(scalar)),
    )


@dataclass(frozen=True)
class FoldSpec:
    """How the rows of a view are assigned to folds: whole groups and forward in time, like the split."""

    # By groups, forward in time, by both, or only by the key.
    strategy: Literal["group", "time", "group_time", "key"]
    # Columns whose values define the groups.
    group: list[str]
    # Time column, in UTC.
    time: str | None
    # Time that is excluded before the tested rows.
    embargo_ms: int
    # Columns that together identify a row.
    key: list[str]
    # Columns whose values are spread evenly over the folds.
    strata: list[str]
    # Salt of the hashes that assign rows to folds.
    salt: str
    # Maximum number of folds; there are fewer if there are fewer groups or times.
    max: int


def read_fold_spec(value: object, where: str) -> FoldSpec:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return FoldSpec(
        strategy=fields("strategy", one_of("group", "time", "group_time", "key")),
        group=fields("group", list_of(text)),
        time=fields("time", optional(text)),
        embargo_ms=fields("embargo_ms", otherwise(whole(at_least=0), 0)),
        key=fields("key", list_of(text)),
        strata=fields("strata", list_of(text)),
        salt=fields("salt", text),
        max=fields("max", whole(at_least=1)),
    )


@dataclass(frozen=True)
class PrepareTask:
    """Count the rows, groups and folds of a view, and check its features one by one."""

    # Name of the task in its answer.
    id: str
    # File of its result; held-out predictions are next to it.
    out: Path
    # Signature that identifies the evidence; it is copied to the result.
    signature: str
    # The train rows of one target, of all segments or of one.
    view: AssessedView
    # The columns of the data contract.
    contract: Contract
    # How columns become features.
    feature: FeatureSchema
    # How the rows of a view are assigned to folds: whole groups and forward in time, like the split.
    folds: FoldSpec
    # The project's folder.
    project_dir: Path
    # Kind of the task.
    kind: Literal["prepare"]


def read_prepare_task(value: object, where: str) -> PrepareTask:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return PrepareTask(
        id=fields("id", text),
        out=fields("out", path),
        signature=fields("signature", text),
        view=fields("view", read_assessed_view),
        contract=fields("contract", read_contract),
        feature=fields("feature", read_feature_schema),
        folds=fields("folds", read_fold_spec),
        project_dir=fields("project_dir", path),
        kind=fields("kind", one_of("prepare")),
    )


@dataclass(frozen=True)
class Family:
    """A kind of model that competes."""

    # Name of the family in the project.
    name: str
    # Type of its model.
    type: str
    # The estimator's own parameters.
    params: dict[str, Any]
    # Seed of every random choice in fitting.
    seed: int


def read_family(value: object, where: str) -> Family:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Family(
        name=fields("name", text),
        type=fields("type", text),
        params=fields("params", otherwise(mapping_of(anything), {})),
        seed=fields("seed", whole()),
    )


@dataclass(frozen=True)
class Selection:
    """How features are chosen: the mean over some seeds."""

    # Measure of importance: the estimator's own, or the loss from shuffling a feature.
    method: Literal["importance", "permutation"]
    # Number of features to keep.
    top_n: int
    # Seeds; the mean importance over them decides.
    seeds: list[int]


def read_selection(value: object, where: str) -> Selection:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Selection(
        method=fields("method", one_of("importance", "permutation")),
        top_n=fields("top_n", whole(at_least=1)),
        seeds=fields("seeds", otherwise(list_of(whole(at_least=0), at_least=1), [1, 2, 3])),
    )


@dataclass(frozen=True)
class Importance:
    """How the importance of features is measured."""

    # How it is measured.
    method: Literal["auto", "permutation"]
    # Seed of the shuffles.
    seed: int
    # Maximum number of held-out rows that it is measured on.
    max_rows: int


def read_importance(value: object, where: str) -> Importance:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return Importance(
        method=fields("method", one_of("auto", "permutation")),
        seed=fields("seed", otherwise(whole(), 0)),
        max_rows=fields("max_rows", otherwise(whole(at_least=1), 2000)),
    )


@dataclass(frozen=True)
class FoldTask:
    """Fit a family on a fold's training rows and predict those held out."""

    # Name of the task in its answer.
    id: str
    # File of its result; held-out predictions are next to it.
    out: Path
    # Signature that identifies the evidence; it is copied to the result.
    signature: str
    # The train rows of one target, of all segments or of one.
    view: AssessedView
    # The columns of the data contract.
    contract: Contract
    # How columns become features.
    feature: FeatureSchema
    # How the rows of a view are assigned to folds: whole groups and forward in time, like the split.
    folds: FoldSpec
    # The project's folder.
    project_dir: Path
    # Kind of the task.
    kind: Literal["fold"]
    # A kind of model that competes.
    family: Family
    # Number of the fold that is held out.
    fold: int
    # How features are selected from the fold's training rows; null for all.
    selection: Selection | None
    # How the importance of features is measured.
    importance: Importance


def read_fold_task(value: object, where: str) -> FoldTask:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return FoldTask(
        id=fields("id", text),
        out=fields("out", path),
        signature=fields("signature", text),
        view=fields("view", read_assessed_view),
        contract=fields("contract", read_contract),
        feature=fields("feature", read_feature_schema),
        folds=fields("folds", read_fold_spec),
        project_dir=fields("project_dir", path),
        kind=fields("kind", one_of("fold")),
        family=fields("family", read_family),
        fold=fields("fold", whole(at_least=0)),
        selection=fields("selection", optional(read_selection)),
        importance=fields("importance", otherwise(read_importance, {"method": "auto", "seed": 0, "max_rows": 2000})),
    )


@dataclass(frozen=True)
class SelectTask:
    """Select the features of a family from all rows of a view."""

    # Name of the task in its answer.
    id: str
    # File of its result; held-out predictions are next to it.
    out: Path
    # Signature that identifies the evidence; it is copied to the result.
    signature: str
    # The train rows of one target, of all segments or of one.
    view: AssessedView
    # The columns of the data contract.
    contract: Contract
    # How columns become features.
    feature: FeatureSchema
    # How the rows of a view are assigned to folds: whole groups and forward in time, like the split.
    folds: FoldSpec
    # The project's folder.
    project_dir: Path
    # Kind of the task.
    kind: Literal["select"]
    # A kind of model that competes.
    family: Family
    # How features are chosen: the mean over some seeds.
    selection: Selection
    # How the importance of features is measured.
    importance: Importance


def read_select_task(value: object, where: str) -> SelectTask:
    """Raises training/failed with the place of a wrong value."""
    fields = Fields(value, where)
    return SelectTask(
        id=fields("id", text),
        out=fields("out", path),
        signature=fields("signature", text),
        view=fields("view", read_assessed_view),
        contract=fields("contract", read_contract),
        feature=fields("feature", read_feature_schema),
        folds=fields("folds", read_fold_spec),
        project_dir=fields("project_dir", path),
        kind=fields("kind", one_of("select")),
        family=fields("family", read_family),
        selection=fields("selection", read_selection),
        importance=fields("importance", otherwise(read_importance, {"method": "auto", "seed": 0, "max_rows": 2000})),
    )


# One task of an assessment worker.
AssessTask = PrepareTask | FoldTask | SelectTask
read_assess_task: Reader[AssessTask] = by_key(
    "kind", {"prepare": read_prepare_task, "fold": read_fold_task, "select": read_select_task}
)
