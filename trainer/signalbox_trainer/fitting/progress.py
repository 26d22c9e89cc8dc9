"""Reports progress while an estimator fits, by the means of each library, without changing the fitted model.

scikit-learn's histogram boosting, forests and networks have no callback and only print lines on standard output, which
are read while the fit runs. (Fitting in `warm_start` chunks was rejected: histogram boosting bins the table again in
every chunk, and a network's optimiser restarts.)
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from signalbox_trainer.events import EventWriter
from signalbox_trainer.models.estimators import inner_estimator
from signalbox_trainer.models.model_types import ModelType

MIN_SECONDS_BETWEEN = 0.25

_LINES = {
    "lines": re.compile(r"^\[(?P<done>\d+)/\d+\]"),
    "iterations": re.compile(r"^Iteration (?P<done>\d+), loss = (?P<loss>\S+)"),
    "trees": re.compile(r"^building tree (?P<done>\d+) of \d+"),
}
_VERBOSE = {"lines": 2, "iterations": True, "trees": 2}


class FitProgress:
    """Emits `progress` (and `metric` train_loss if known) at most every quarter of a second, and at the end."""

    def __init__(self, events: EventWriter, total: int | None, unit: str, clock: Callable[[], float]) -> None:
        self._events = events
        self._total = total
        self._unit = unit
        self._clock = clock
        self._last = clock() - MIN_SECONDS_BETWEEN
        self.done = 0

    def step(self, done: int, loss: float | None = None) -> None:
        self.done = max(self.done, done)
        now = self._clock()
        if now - self._last < MIN_SECONDS_BETWEEN and done != self._total:
            return
        self._last = now
        self._events.progress(self.done, self._total, self._unit, "train")
        if loss is not None:
            self._events.metric("train_loss", loss, self.done)


class _LineReader(io.TextIOBase):
    """A standard output that consumes progress lines; other lines are passed to `rest`, if there is one."""

    def __init__(self, pattern: re.Pattern[str], progress: FitProgress, rest: Any = None) -> None:
        self._pattern = pattern
        self._progress = progress
        self._rest = rest
        self._pending = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        lines = (self._pending + text).split("\n")
        self._pending = lines.pop()
        for line in lines:
            self._line(line)
        return len(text)

    def _line(self, line: str) -> None:
        found = self._pattern.search(line)
        if found is None:
            if self._rest is not None and line.strip() and not line.startswith("[Parallel("):
                self._rest.write(line + "\n")
            return
        groups = found.groupdict()
        self._progress.step(int(groups["done"]), float(groups["loss"]) if "loss" in groups else None)


@contextlib.contextmanager
def _reading_lines(model: Any, kind: str, progress: FitProgress) -> Iterator[dict[str, Any]]:
    model.set_params(verbose=_VERBOSE[kind])
    try:
        with (
            contextlib.redirect_stdout(_LineReader(_LINES[kind], progress)),
            contextlib.redirect_stderr(_LineReader(_LINES[kind], progress, sys.stderr)),
        ):
            yield {}
    finally:
        model.set_params(verbose=0 if kind != "iterations" else False)


def _monitor(progress: FitProgress) -> Callable[[int, Any, Any], bool]:
    def after_stage(stage: int, estimator: Any, _variables: Any) -> bool:
        progress.step(stage + 1, float(estimator.train_score_[stage]))
        return False

    return after_stage


def _lightgbm_callback(progress: FitProgress) -> Callable[[Any], None]:
    def after_iteration(env: Any) -> None:
        progress.step(env.iteration + 1)

    return after_iteration


@contextlib.contextmanager
def _xgboost_callback(model: Any, progress: FitProgress) -> Iterator[dict[str, Any]]:
    from xgboost.callback import TrainingCallback

    class AfterIteration(TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
            progress.step(epoch + 1)
            return False

    model.set_params(callbacks=[AfterIteration()])
    try:
        yield {}
    finally:
        model.set_params(callbacks=None)


@contextlib.contextmanager
def reporting(
    entry: ModelType, model: Any, events: EventWriter, clock: Callable[[], float] = time.monotonic
) -> Iterator[dict[str, Any]]:
    """Makes fitting `model` emit progress while open. Yields the keyword arguments that `fit` needs."""
    inner = inner_estimator(model)
    total = inner.get_params(deep=False).get(entry.total_param) if entry.total_param else None
    unit = "trees" if entry.total_param == "n_estimators" else "iterations"
    progress = FitProgress(events, total, unit, clock)
    if entry.progress == "monitor":
        yield {"monitor": _monitor(progress)}
    elif entry.progress == "lightgbm":
        yield {"callbacks": [_lightgbm_callback(progress)]}
    elif entry.progress == "xgboost":
        with _xgboost_callback(inner, progress) as arguments:
            yield arguments
    elif entry.progress in _LINES:
        with _reading_lines(inner, entry.progress, progress) as arguments:
            yield arguments
    else:
        yield {}
    if total is not None and 0 < progress.done < total:
        events.progress(progress.done, progress.done, unit, "train")
