"""One assessment task: compute it, leave its result as a file, and answer with the same.

The result file is written last, whole or not at all: where it stands, the task needn't be done again.
"""

from __future__ import annotations

import time
from typing import Any

import pyarrow as pa

from signalbox_trainer.artifacts.digests import write_json
from signalbox_trainer.assessing.fold_task import assess_fold, assess_select, fold_of
from signalbox_trainer.assessing.prepare_task import prepare
from signalbox_trainer.assessing.views import View, ViewCache
from signalbox_trainer.errors import encode
from signalbox_trainer.evaluating.evaluation import write_predictions
from signalbox_trainer.fitting.memory import forget_peak_memory, peak_memory_bytes
from signalbox_trainer.specs.assess import AssessTask, parse_task


def _fitted(task: AssessTask, view: View, threads: int) -> tuple[dict[str, Any], pa.Table | None]:
    """A fit that fails is evidence about the family: a result that says so, not an error of the worker."""
    if task.family is None:
        return prepare(task.view, view), None
    fold = fold_of(task, view) if task.kind == "fold" else None
    try:
        if fold is not None:
            return assess_fold(task, task.family, (view, fold), threads)
        return assess_select(task, task.family, view, threads), None
    except Exception as error:
        encoded = encode(error, "training/failed")
        kept = {key: encoded[key] for key in ("code", "message", "hint") if key in encoded}
        return {"fold": task.fold, "error": kept} if task.kind == "fold" else {"error": kept}, None


def run_task(document: Any, views: ViewCache, threads: int) -> dict[str, Any]:
    """The result, as it now stands in `out`. Raises where the task itself is wrong or its table can't be read."""
    task = parse_task(document)
    forget_peak_memory()
    started = time.perf_counter()
    result, predictions = _fitted(task, views.get(task.view), threads)
    whole = {
        "schema": 1,
        "id": task.id,
        "kind": task.kind,
        "signature": task.signature,
        "family": None if task.family is None else task.family.name,
        **result,
        "peak_memory_bytes": peak_memory_bytes(),
        "seconds": time.perf_counter() - started,
    }
    task.out.parent.mkdir(parents=True, exist_ok=True)
    if predictions is None:
        task.predictions_path.unlink(missing_ok=True)
    else:
        write_predictions(predictions, task.predictions_path, [])
    write_json(task.out, whole)
    return whole
