"""The program `train`: reads the table, fits the model, writes the model and the result."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from signalbox_trainer.artifacts.canonical import canonical_digest
from signalbox_trainer.artifacts.digests import list_files, model_digest, write_json
from signalbox_trainer.artifacts.model_files import EXAMPLE_ROWS, save_model
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.events import EventWriter
from signalbox_trainer.features.preprocessing import build_preprocessor
from signalbox_trainer.features.words import wordless_warnings
from signalbox_trainer.fitting.ensembles import load_ensemble
from signalbox_trainer.fitting.memory import available_bytes, check_dense_size, peak_memory_bytes
from signalbox_trainer.fitting.progress import reporting
from signalbox_trainer.fitting.run_params import common_params, run_params
from signalbox_trainer.fitting.stacking import load_stacked, stacked_model
from signalbox_trainer.fitting.train_metrics import train_metrics
from signalbox_trainer.fitting.wanted_model import saved_type, wanted_model
from signalbox_trainer.fitting.write_progress import reporting_size
from signalbox_trainer.models.estimators import build_estimator, find_type, inner_estimator, settle_early_stopping
from signalbox_trainer.models.model_types import ModelType
from signalbox_trainer.specs.jobs import Ensemble, TrainSpec
from signalbox_trainer.tables.labels import positive_index
from signalbox_trainer.tables.train_set import load_train
from signalbox_transformers.composites import STAGE_1_COLUMN


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline, the time of the fit, and the values that the run logs."""

    model: Any
    fit_seconds: float
    params: dict[str, str]
    metrics: dict[str, float]


@dataclass(frozen=True)
class _Rows:
    """The training data; with a first model, the table has its held-out predictions as one more column."""

    table: pd.DataFrame
    y: np.ndarray
    first: Any = None


def _measured(model: Any, spec: TrainSpec, table: pd.DataFrame, y: np.ndarray, events: EventWriter) -> dict[str, float]:
    events.phase("score")
    positive = positive_index(model.classes_, spec.positive_class) if spec.task == "binary" else None
    metrics = train_metrics(model, table, y, task=spec.task, positive=positive)
    if not metrics:
        raise TrainerError("training/no-metrics", "Training ended without a metric.")
    for name, number in metrics.items():
        events.metric(name, number)
    return metrics


def _fit(spec: TrainSpec, entry: ModelType, events: EventWriter, rows: _Rows) -> Fitted:
    """Fits the whole pipeline and makes it predict on one thread, because with more the last digits vary."""
    table, y = rows.table, rows.y
    estimator = build_estimator(
        wanted_model(spec), task=spec.task, seed=spec.seed, threads=spec.threads, project_dir=spec.project_dir
    )
    inner = inner_estimator(estimator)
    note = settle_early_stopping(inner, y)
    if note is not None:
        events.warning(note)
    params = run_params(spec, inner, table.shape[1])
    for key, value in params.items():
        events.param(key, value)
    preprocessor = build_preprocessor(
        spec.feature, spec.contract.columns, spec.task, seed=spec.seed, is_dense=entry.is_dense
    )
    model = Pipeline([("preprocessor", preprocessor), ("model", estimator)])
    events.phase("fit")
    started = time.perf_counter()
    with reporting(entry, estimator, events) as arguments:
        model.fit(table, y, **{f"model__{name}": value for name, value in arguments.items()})
    seconds = time.perf_counter() - started
    if entry.threads_param is not None:
        inner.set_params(**{entry.threads_param: 1})
    if rows.first is not None:
        model = stacked_model(rows.first, model, spec)
    return Fitted(model, seconds, params, _measured(model, spec, table, y, events))


def _combine(spec: TrainSpec, ensemble: Ensemble, events: EventWriter) -> tuple[Fitted, pd.DataFrame]:
    events.phase("load")
    started = time.perf_counter()
    model, table, y = load_ensemble(spec, ensemble)
    seconds = time.perf_counter() - started
    weights = {f"ensemble_weight_{number}": repr(weight) for number, weight in enumerate(model.weights)}
    params = {**common_params(spec, table.shape[1]), **weights}
    for key, value in params.items():
        events.param(key, value)
    return Fitted(model, seconds, params, _measured(model, spec, table, y, events)), table


def _load(spec: TrainSpec) -> tuple[TrainSpec, _Rows]:
    if spec.stacking is None:
        table, y = load_train(spec)
        return spec, _Rows(table, y)
    first, (widened, table, y) = load_stacked(spec, spec.stacking)
    return widened, _Rows(table, y, first)


def _train(spec: TrainSpec, events: EventWriter) -> tuple[Fitted, pd.DataFrame]:
    entry = find_type(wanted_model(spec).type)
    events.phase("load")
    widened, rows = _load(spec)
    for message in wordless_warnings(spec.feature, rows.table):
        events.warning(message)
    if entry.is_dense:
        check_dense_size(widened.feature, rows.table, available_bytes())
    # Importing skops takes half a second; most of a fit runs without the interpreter's lock.
    importing = threading.Thread(target=_import_skops, name="import-skops", daemon=True)
    importing.start()
    fitted = _fit(widened, entry, events, rows)
    importing.join()
    return fitted, rows.table.drop(columns=[STAGE_1_COLUMN], errors="ignore")


def canonical_note(entry: ModelType, threads: int) -> str | None:
    """The reason why a refit's canonical form may differ, or None."""
    return f"{entry.name} {entry.varies_with_threads}" if entry.varies_with_threads and threads > 2 else None


def _write(
    spec: TrainSpec, entry: ModelType, fitted: Fitted, table: pd.DataFrame, events: EventWriter
) -> dict[str, Any]:
    model_dir = spec.output_dir / "model"
    spec.output_dir.mkdir(parents=True, exist_ok=True)
    columns = spec.contract.columns
    nullable = {name for name in table.columns if name not in columns or not columns[name].non_nullable}
    events.phase("save")
    with reporting_size(model_dir, events):
        save_model(
            fitted.model,
            model_dir,
            entry=entry,
            example=table.head(EXAMPLE_ROWS),
            nullable=nullable,
            project_dir=spec.project_dir,
        )
    events.phase("digest")
    files = list_files(model_dir)
    result = {
        "schema": 1,
        "run_id": spec.run_id,
        "model_type": entry.name,
        "model_digest": model_digest(files),
        "canonical_digest": canonical_digest(model_dir),
        "canonical_note": canonical_note(find_type(wanted_model(spec).type), spec.threads),
        "files": [asdict(file) for file in files],
        "trained_rows": len(table),
        "features": list(table.columns),
        "metrics": fitted.metrics,
        "params": fitted.params,
        "fit_seconds": fitted.fit_seconds,
        "peak_memory_bytes": peak_memory_bytes(),
    }
    write_json(spec.output_dir / "training.json", result)
    return result


def _import_skops() -> None:
    import skops.io  # noqa: F401


def run_train(spec: TrainSpec, events: EventWriter) -> Path:
    """Trains, and writes `model/` and `training.json` into the output folder; returns the latter's path."""
    model_type = saved_type(spec)
    fitted, table = _train(spec, events) if spec.ensemble is None else _combine(spec, spec.ensemble, events)
    result = _write(spec, find_type(model_type), fitted, table, events)
    path = spec.output_dir / "training.json"
    events.emit("result", path=path.name, model_digest=result["model_digest"])
    return path
