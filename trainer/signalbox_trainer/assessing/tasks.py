"""Runs one assessment task: computes it, writes its result to a file, and returns the result.

The result file is written last and atomically: if it exists, the task is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from signalbox_trainer.artifacts.digests import write_json
from signalbox_trainer.assessing.fold_task import assess_fold, assess_select, fold_of
from signalbox_trainer.assessing.prepare_task import prepare
from signalbox_trainer.assessing.views import View, ViewCache
from signalbox_trainer.errors import encode
from signalbox_trainer.evaluating.evaluation import write_predictions
from signalbox_trainer.fitting.memory import forget_peak_memory, peak_memory_bytes
from signalbox_trainer.specs.tasks import AssessTask, PrepareTask, SelectTask, read_assess_task

Outcome = tuple[dict[str, Any], pa.Table | None]


def _attempt(fit: Callable[[], Outcome], about: dict[str, Any]) -> Outcome:
    """Turns a failed fit into a result: it is evidence about the family, not an error of the worker."""
    try:
        return fit()
    except Exception as error:
        encoded = encode(error, "training/failed")
        return {**about, "error": {key: encoded[key] for key in ("code", "message", "hint") if key in encoded}}, None


def _measured(task: AssessTask, view: View, threads: int) -> Outcome:
    if isinstance(task, PrepareTask):
        return prepare(task, view), None
    if isinstance(task, SelectTask):
        return _attempt(lambda: (assess_select(task, view, threads), None), {})
    fold = fold_of(task, view)
    return _attempt(lambda: assess_fold(task, (view, fold), threads), {"fold": task.fold})


def run_task(document: object, views: ViewCache, threads: int) -> dict[str, Any]:
    """The result, as written to `out`. Raises if the task itself is wrong or its table can't be read."""
    task = read_assess_task(document, "task")
    forget_peak_memory()
    started = time.perf_counter()
    result, predictions = _measured(task, views.get(task), threads)
    whole = {
        "schema": 1,
        "id": task.id,
        "kind": task.kind,
        "signature": task.signature,
        "family": None if isinstance(task, PrepareTask) else task.family.name,
        **result,
        "peak_memory_bytes": peak_memory_bytes(),
        "seconds": time.perf_counter() - started,
    }
    predictions_path = task.out.with_suffix(".parquet")
    task.out.parent.mkdir(parents=True, exist_ok=True)
    if predictions is None:
        predictions_path.unlink(missing_ok=True)
    else:
        write_predictions(predictions, predictions_path, [])
    write_json(task.out, whole)
    return whole
