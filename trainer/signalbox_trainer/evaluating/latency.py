"""The program `latency`: measures how long each of several models takes to predict one row.

The models are timed in this one process, on the same rows and in turns, call by call: other load on the machine
affects all of them alike. A time from another process on another day would compare machines, not models.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalbox_trainer.artifacts.digests import write_json
from signalbox_trainer.artifacts.trust import load_trusted
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.events import EventWriter
from signalbox_trainer.specs.jobs import LatencySpec, TimedModel
from signalbox_trainer.tables.parquet import read_chunks
from signalbox_transformers.composites import input_columns

POOL_ROWS = 65_536
ROWS = 100
ROUNDS = 5
WARM_UP_CALLS = 5
# No round begins after this time: 100 rows of a forest on all cores take 10 s.
BUDGET_SECONDS = 10.0


def sample_rows(path: Path, columns: list[str], rows: int = ROWS) -> list[pd.DataFrame]:
    """Tables of one row each, evenly spaced among the file's first `POOL_ROWS`."""
    pool = next(iter(read_chunks(path, columns, POOL_ROWS)), None)
    if pool is None or len(pool) == 0:
        raise TrainerError("splits/empty-side", f"The table {path.name} is empty: there is no row to predict.")
    places = np.unique(np.linspace(0, len(pool) - 1, min(rows, len(pool))).astype(int))
    return [pool.iloc[[place]] for place in places]


def time_in_turns(
    calls: list[Callable[[pd.DataFrame], Any]],
    tables: list[list[pd.DataFrame]],
    *,
    budget: float = BUDGET_SECONDS,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> np.ndarray:
    """Milliseconds, (models, calls): `calls[m]` on each of `tables[m]`, in rounds, the models in turns.

    The first model changes from row to row. Runs one to `ROUNDS` rounds, and begins none after `budget` s.
    """
    for call, own in zip(calls, tables, strict=True):
        for one in own[:WARM_UP_CALLS]:
            call(one)
    order = list(range(len(calls)))
    taken: list[list[float]] = [[] for _ in calls]
    until = clock() + int(budget * 1e9)
    was_collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for row in range(len(tables[0])):
                for m in order:
                    begun = clock()
                    calls[m](tables[m][row])
                    taken[m].append((clock() - begun) / 1e6)
                order.append(order.pop(0))
            if clock() >= until:
                break
    finally:
        if was_collecting:
            gc.enable()
    return np.array(taken)


def _load(timed: TimedModel) -> Any:
    return load_trusted(timed.model_dir, timed.model_type, expected=timed.expected_digest, is_explicitly_trusted=False)


def run_latency(spec: LatencySpec, events: EventWriter) -> Path:
    """Writes `latency.json`: quantiles 0.5 and 0.95 of each model's calls, in milliseconds. Returns its path."""
    events.phase("load")
    models = [_load(timed) for timed in spec.models]
    # Classifiers are evaluated by their probabilities, so predict_proba is timed.
    calls = [model.predict if spec.task == "regression" else model.predict_proba for model in models]
    tables = [sample_rows(spec.table, input_columns(model)) for model in models]
    events.phase("time predictions of one row")
    taken = time_in_turns(calls, tables)
    found = [
        {
            "name": timed.name,
            "calls": len(times),
            "p50_ms": float(np.quantile(times, 0.5)),
            "p95_ms": float(np.quantile(times, 0.95)),
        }
        for timed, times in zip(spec.models, taken, strict=True)
    ]
    path = spec.output_dir / "latency.json"
    write_json(path, {"schema": 1, "run_id": spec.run_id, "models": found})
    events.emit("result", path=path.name)
    return path
